const DAY_MS = 86_400_000

/**
 * The day of a date or time as written (`2022-03-05`, with or without a time behind it), counted from 1970-01-01;
 * undefined for anything else, and for days that there are not. Zones are passed over: the date is the one on the spot.
 */
export function dayOf(text: string | null | undefined): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?!\d)/.exec(text ?? '')
  if (match === null) return undefined
  const time = new Date(`${match[1]}T00:00:00Z`)
  // Some engines take 30 February for 2 March.
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(match[1])) return undefined
  return time.getTime() / DAY_MS
}

import { Temporal } from 'temporal-polyfill'

/** Months as `YYYY-MM`, in UTC, as statistics count them. */

/** The month so many before this one. @param now Unix time in milliseconds */
export function monthsAgo(count: number, now = Date.now()): string {
  const { year, month } = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('UTC')
  return new Temporal.PlainYearMonth(year, month).subtract({ months: count }).toString()
}

/** Every month from the first to the last. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  for (let month = first; month <= last; month = monthAfter(month)) months.push(month)
  return months
}

/** The times between which all of these months lie; the end left out itself. */
export function periodOf(first: string, last: string): { since: string; until: string } {
  return { since: firstInstantOf(first), until: firstInstantOf(monthAfter(last)) }
}

function firstInstantOf(month: string): string {
  return `${month}-01T00:00:00.000Z`
}

function monthAfter(month: string): string {
  return Temporal.PlainYearMonth.from(month).add({ months: 1 }).toString()
}

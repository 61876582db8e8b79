/** Below this age faces change fast; Convention on the Rights of the Child, article 1. */
const ADULT_YEARS = 18

/**
 * Whether a person born then may be under 18 on a day. Where only year or month of birth is known, the latest day that it
 * can have been counts, so that a child is not taken for grown up.
 * @param birthDate YYYY, YYYY-MM or YYYY-MM-DD @param on YYYY, YYYY-MM or YYYY-MM-DD; the earliest day that it can be counts
 */
export function isChildOn(birthDate: string, on: string): boolean {
  const [year, month = '12', day = '31'] = birthDate.split('-')
  const birthday = `${Number(year) + ADULT_YEARS}-${month}-${day}`
  const [onYear, onMonth = '01', onDay = '01'] = on.split('-')
  return `${onYear}-${onMonth}-${onDay}` < birthday.padStart('YYYY-MM-DD'.length, '0')
}

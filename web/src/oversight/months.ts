/** Months as `YYYY-MM`, in UTC, as statistics count them. */

/** The month so many before this one. */
export function monthsAgo(count: number, now = new Date()): string {
  return monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count)))
}

/** Every month from the first to the last. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  const day = new Date(firstDayOf(first))
  while (monthOf(day) <= last) {
    months.push(monthOf(day))
    day.setUTCMonth(day.getUTCMonth() + 1)
  }
  return months
}

/** The times between which all of these months lie; the end left out itself. */
export function periodOf(first: string, last: string): { since: string; until: string } {
  const after = new Date(firstDayOf(last))
  after.setUTCMonth(after.getUTCMonth() + 1)
  return { since: firstDayOf(first), until: after.toISOString() }
}

export function firstDayOf(month: string): string {
  return `${month}-01T00:00:00.000Z`
}

function monthOf(day: Date): string {
  return day.toISOString().slice(0, 'YYYY-MM'.length)
}

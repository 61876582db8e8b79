import type { Reply } from '../../api.ts'

/** All that was counted as comma-separated values, with the record's own names, for a transparency report. */
export function statisticsCsv({ searches, verifications, acts }: Reply<'readStatistics'>): string {
  const rows: (string | number)[][] = [
    ['month', 'agency', 'what', 'purpose', 'count'],
    ...searches.flatMap(({ month, agency, purpose, withCandidates, withoutCandidate }) => [
      [month, agency, 'search with candidates', purpose, withCandidates],
      [month, agency, 'search without candidate', purpose, withoutCandidate],
    ]),
    ...verifications.flatMap(({ month, agency, purpose, alike, notAlike }) => [
      [month, agency, 'verification alike', purpose, alike],
      [month, agency, 'verification not alike', purpose, notAlike],
    ]),
    ...acts.map(({ month, agency, action, count }) => [month, agency, action, '', count]),
  ]
  return rows.map((row) => row.map(cell).join(',')).join('\r\n')
}

/** RFC 4180; what a spreadsheet would take for a formula is text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

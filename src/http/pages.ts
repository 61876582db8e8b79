/** The cursor of the next page: the last row's place, when the page is full. */
export function nextOf<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => string,
): string | null {
  return rows.length < limit ? null : placeOf(rows[rows.length - 1])
}

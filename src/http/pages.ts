import { AppError } from '../errors.ts'

/** The cursor of the next page: the last row's place, when the page is full. */
export function nextOf<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => string,
): string | null {
  return rows.length < limit ? null : placeOf(rows[rows.length - 1])
}

/** The place that a cursor of numbers stands for. @throws AppError `bad_input` */
export function placeOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const place = Number(cursor)
  if (Number.isSafeInteger(place)) return place
  throw new AppError('bad_input', 'The cursor is not one of this list.')
}

import { overlongClaim } from './overlong-claim.ts'
import { unsafePath } from './safe-path.ts'
import { brokenText, refusedItem, type ListedItem } from './source-item.ts'
import { type Claims } from './claims.ts'

const TEXT_COLUMNS = ['source_url', 'collector', 'person_name', 'person_ref', 'note', 'licence'] as const
const YES = new Set(['1', 'true', 'yes', 'y', 'так', 'да'])
const REPLACEMENT_CHARACTER = '\uFFFD'
/** YYYY, YYYY-MM, YYYY-MM-DD or with a time; other ways of writing dates are kept as text, never guessed. */
const ISO_DATE = /^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/

/**
 * Turns a manifest's row into an item. Columns: file or path, source_url, captured_at, collector, person_name,
 * person_ref, note, licence, sensitive; all others are kept as text.
 * @param ids ids seen so far with their lines; a repeated one is refused
 */
export function manifestItem(row: Map<string, string>, line: number, ids: Map<string, number>): ListedItem {
  const file = (row.get('file') || row.get('path') || '').trim()
  const name = file === '' ? `(line ${line})` : file
  for (const [column, value] of row) {
    const broken = brokenText(value) ?? brokenText(column)
    if (broken === undefined) continue
    return refusedItem(name, 'broken_text', `Line ${line} holds ${broken} in the column '${column}'.`)
  }
  if ([...row.values()].some((value) => value.includes(REPLACEMENT_CHARACTER))) {
    return refusedItem(
      name,
      'wrong_encoding',
      `Line ${line} holds bytes that are not in the manifest's encoding.`,
    )
  }
  if (file === '')
    return refusedItem(name, 'no_file_named', `Line ${line} names no file in the columns 'file' or 'path'.`)
  const unsafe = unsafePath(file)
  if (unsafe !== undefined) return refusedItem(name, 'unsafe_path', `Line ${line}: ${unsafe}`)
  const id = row.get('id')
  if (id !== undefined && id !== '') {
    const earlier = ids.get(id)
    if (earlier !== undefined) {
      return refusedItem(
        name,
        'duplicate_id',
        `Line ${line} has the id '${id.slice(0, 100)}' of line ${earlier}.`,
      )
    }
    ids.set(id, line)
  }
  const claims = claimsOf(row)
  const overlong = overlongClaim(claims)
  if (overlong !== undefined) return refusedItem(name, 'field_too_long', `Line ${line}: ${overlong}`)
  return { name: file, claims, refusal: undefined }
}

function claimsOf(row: Map<string, string>): Claims {
  const claims: Claims = {}
  const other: Record<string, string> = {}
  for (const [column, text] of row) {
    const value = text.trim()
    if (value === '' || column === 'file' || column === 'path') continue
    const known = TEXT_COLUMNS.find((name) => name === column)
    if (known !== undefined) claims[known] = value
    else if (column === 'sensitive') claims.sensitive = YES.has(value.toLowerCase())
    else if (column === 'captured_at' && ISO_DATE.test(value)) claims.captured_at = value
    else other[column] = value
  }
  if (Object.keys(other).length > 0) claims.other = other
  return claims
}

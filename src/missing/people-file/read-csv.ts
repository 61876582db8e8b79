import { createHash } from 'node:crypto'
import { csvRows } from '../../sources/list-rows.ts'
import { linesOf } from '../../sources/text-lines.ts'
import { RECORD_BASES } from '../../contract/missing-words.ts'
import { PERSON_STATUSES } from '../../contract/person-words.ts'
import { AppError } from '../../errors.ts'
import type { NameInput } from '../../people/save-person.ts'
import {
  DAY,
  filled,
  MAX_PEOPLE_ROWS,
  nameOf,
  overlong,
  PARTIAL_DATE,
  PEOPLE_COLUMNS,
  shortened,
  type PeopleColumn,
  type ReadRow,
} from './person-row.ts'

/** Hex digits of the reference that a row without one gets, so that the same file again makes nobody twice. */
const ROW_REF_DIGITS = 16

/**
 * People of a CSV file: the first line names the columns (see `PEOPLE_COLUMNS`), otherwise as list-rows.ts has it.
 * Columns without a meaning here are kept in the note.
 * @throws AppError `bad_input` when there is no such line, or too many rows
 */
export async function readPeopleCsv(text: string): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  let columns: readonly string[] = []
  for await (const row of csvRows(linesOf(text), (found) => void (columns = found))) {
    if ('problem' in row && row.line === undefined)
      throw new AppError('bad_input', `The file is not CSV. ${row.problem.detail} Nothing was taken.`)
    if (rows.length >= MAX_PEOPLE_ROWS) {
      throw new AppError(
        'limit_exceeded',
        `The file has more than MAX_PEOPLE_ROWS, ${MAX_PEOPLE_ROWS} rows: divide it. Nothing was taken.`,
      )
    }
    if ('problem' in row) {
      rows.push({ ok: false, row: row.line ?? 0, reason: row.problem.detail })
      continue
    }
    rows.push(readRow(row.cells, row.record, row.line))
  }
  if (columns.some((name) => isColumn(name) && /name|ref/.test(name))) return rows
  throw new AppError(
    'bad_input',
    'Expected a first line with column names, among them ref, full_name or family_name. Nothing was taken.',
  )
}

function readRow(written: ReadonlyMap<string, string>, record: readonly string[], row: number): ReadRow {
  const cells = new Map([...written].map(([name, value]) => [name, filled(unescaped(value))]))
  const cell = (name: PeopleColumn): string | undefined => cells.get(name)
  for (const [name, value] of cells) {
    // Columns without a meaning here become lines of the note.
    const wrong = overlong(isColumn(name) ? name : 'note', value)?.replace(
      'field note',
      `field ${shortened(name)}`,
    )
    if (wrong !== undefined) return { ok: false, row, reason: wrong }
  }
  const wrong = wrongCell(cell)
  if (wrong !== undefined) return { ok: false, row, reason: wrong }
  const names = namesOf(cell)
  if (names.length === 0 && cell('ref') === undefined)
    return { ok: false, row, reason: 'The row has neither a name nor a reference.' }
  const rest = [...cells].flatMap(([name, value]) =>
    value === undefined || isColumn(name) ? [] : [`${name}: ${value}`],
  )
  const contactName = cell('contact_name')
  const note = filled([cell('note'), ...rest].filter((part) => part !== undefined).join('\n'))
  const tooMuch = overlong('note', note)
  if (tooMuch !== undefined)
    return { ok: false, row, reason: `${tooMuch} Columns without a meaning here are counted with it.` }
  return {
    ok: true,
    person: {
      row,
      ref: cell('ref') ?? rowReference(record),
      names,
      status: PERSON_STATUSES.find((status) => status === cell('status')),
      birthDate: cell('birth_date'),
      birthApproximate: isYes(cell('birth_approximate')),
      sex: cell('sex'),
      homeAddress: undefined,
      affiliation: cell('affiliation'),
      lastSeenOn: cell('last_seen_on'),
      lastSeenPlace: cell('last_seen_place'),
      marks: cell('marks'),
      clothing: cell('clothing'),
      circumstances: cell('circumstances'),
      photoUrls: cell('photo_urls'),
      basis: RECORD_BASES.find((basis) => basis === cell('basis')),
      basisDetail: cell('basis_detail'),
      keepUntil: cell('keep_until'),
      note,
      contact:
        contactName === undefined
          ? undefined
          : {
              name: contactName,
              relation: cell('contact_relation'),
              telephone: cell('contact_telephone'),
              email: cell('contact_email'),
              address: cell('contact_address'),
            },
    },
  }
}

/** What is wrong with a row, in a sentence that names the column; undefined when nothing is. */
function wrongCell(cell: (name: PeopleColumn) => string | undefined): string | undefined {
  for (const name of ['birth_date', 'last_seen_on'] as const) {
    const value = cell(name)
    if (value !== undefined && !PARTIAL_DATE.test(value))
      return `Expected YYYY, YYYY-MM or YYYY-MM-DD in ${name}, received '${value}'.`
  }
  const keepUntil = cell('keep_until')
  if (keepUntil !== undefined && !DAY.test(keepUntil))
    return `Expected YYYY-MM-DD in keep_until, received '${keepUntil}'.`
  const status = cell('status')
  if (status !== undefined && !(PERSON_STATUSES as readonly string[]).includes(status))
    return `Expected one of ${PERSON_STATUSES.join(', ')} in status, received '${status}'.`
  const basis = cell('basis')
  if (basis !== undefined && !(RECORD_BASES as readonly string[]).includes(basis))
    return `Expected one of ${RECORD_BASES.join(', ')} in basis, received '${basis}'.`
  return undefined
}

function namesOf(cell: (name: PeopleColumn) => string | undefined): NameInput[] {
  const main = nameOf('main', {
    family: cell('family_name'),
    given: cell('given_name'),
    patronymic: cell('patronymic'),
    written: cell('full_name'),
  })
  const others = (cell('other_names') ?? '').split(/[;\n]/).flatMap((written) => {
    const name = nameOf('alias', { written: filled(written) })
    return name === undefined ? [] : [name]
  })
  return [...(main === undefined ? [] : [main]), ...others]
}

function rowReference(record: readonly string[]): string {
  const sum = createHash('sha256').update(JSON.stringify(record)).digest('hex')
  return `row-${sum.slice(0, ROW_REF_DIGITS)}`
}

/** Takes away the apostrophe that exports put before what spreadsheets would take for a formula (OWASP, CSV injection). */
function unescaped(cell: string | undefined): string | undefined {
  return cell?.replace(/^'(?=[=+\-@\t\r])/, '')
}

function isYes(value: string | undefined): boolean {
  return /^(1|yes|true|так)$/i.test(value ?? '')
}

function isColumn(name: string): name is PeopleColumn {
  return (PEOPLE_COLUMNS as readonly string[]).includes(name)
}

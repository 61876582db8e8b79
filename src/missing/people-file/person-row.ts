import type { RecordBasis } from '../../contract/missing-words.ts'
import type { PersonStatus } from '../../contract/person-words.ts'
import { LONGEST_LINE, LONGEST_TEXT } from '../../contract/values.ts'
import type { NameInput } from '../../people/save-person.ts'

/** Rows of one file, at most: each is written with its audit event. */
export const MAX_PEOPLE_ROWS = 5000
/** Bytes of one file. */
export const MAX_PEOPLE_FILE_BYTES = 8 * 1024 * 1024
/** Names of one person in a file. */
export const MAX_ROW_NAMES = 30
/** Characters of what has no field of its own, and of all notes of one person together. */
export const MAX_ROW_NOTE_LENGTH = 20_000
/** Fields that are one line of text, by their names in both formats; all others are several. */
const LINES = new Set(
  [
    'ref status family_name given_name patronymic full_name birth_date birth_approximate sex affiliation',
    'last_seen_on last_seen_place basis keep_until contact_name contact_relation contact_telephone contact_email',
    'person_record_id first_name last_name date_of_birth age expiry_date source_date entry_date',
    'author_name author_email author_phone last_known_location',
  ].flatMap((names) => names.split(' ')),
)
/** Lists in one cell: each name is a line of its own, and how many there may be is another limit. */
const LISTS = new Set(['other_names', 'alternate_names'])

/** Columns of a CSV file of people, in the order in which they are written. */
export const PEOPLE_COLUMNS = [
  'ref',
  'status',
  'family_name',
  'given_name',
  'patronymic',
  'full_name',
  'other_names',
  'birth_date',
  'birth_approximate',
  'sex',
  'affiliation',
  'last_seen_on',
  'last_seen_place',
  'marks',
  'clothing',
  'circumstances',
  'basis',
  'basis_detail',
  'keep_until',
  'photo_urls',
  'note',
  'contact_name',
  'contact_relation',
  'contact_telephone',
  'contact_email',
  'contact_address',
] as const

export type PeopleColumn = (typeof PEOPLE_COLUMNS)[number]

/** One person as a file names them. What is undefined the file does not say. */
export interface PersonRow {
  /** Place in the file, from 1: the line of a CSV file, the record of a PFIF file. */
  row: number
  ref: string | undefined
  names: NameInput[]
  status: PersonStatus | undefined
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  birthDate: string | undefined
  birthApproximate: boolean
  sex: string | undefined
  homeAddress: string | undefined
  affiliation: string | undefined
  lastSeenOn: string | undefined
  lastSeenPlace: string | undefined
  marks: string | undefined
  clothing: string | undefined
  circumstances: string | undefined
  photoUrls: string | undefined
  basis: RecordBasis | undefined
  basisDetail: string | undefined
  /** YYYY-MM-DD. */
  keepUntil: string | undefined
  note: string | undefined
  contact:
    | {
        name: string
        relation: string | undefined
        telephone: string | undefined
        email: string | undefined
        address: string | undefined
      }
    | undefined
}

/** A person of a file, or why a row is none. */
export type ReadRow = { ok: true; person: PersonRow } | { ok: false; row: number; reason: string }

export interface PeopleFile {
  format: 'csv' | 'pfif'
  rows: ReadRow[]
}

/** As much of a date as is known. */
export const PARTIAL_DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/
export const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

/** The text without white space at its ends; undefined when nothing is left. */
export function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === undefined || trimmed === '' ? undefined : trimmed
}

/** What is wrong with a field that is too long, in a sentence that names it; undefined when nothing is. */
export function overlong(field: string, value: string | undefined): string | undefined {
  const isNote = field === 'note'
  const parts = LISTS.has(field) ? (value ?? '').split(/[;\n]/) : [value ?? '']
  const longest = Math.max(...parts.map((part) => part.trim().length))
  const isLine = LINES.has(field) || LISTS.has(field)
  const [limit, name] = isNote
    ? [MAX_ROW_NOTE_LENGTH, 'MAX_ROW_NOTE_LENGTH']
    : isLine
      ? [LONGEST_LINE, 'LONGEST_LINE']
      : [LONGEST_TEXT, 'LONGEST_TEXT']
  if (parts.length > MAX_ROW_NAMES && LISTS.has(field))
    return `The field ${field} has ${parts.length} names; MAX_ROW_NAMES is ${MAX_ROW_NAMES}.`
  if (longest <= limit) return undefined
  return `The field ${shortened(field)} has ${longest} characters; ${name} is ${limit}.`
}

/** What a sentence can hold of a field. */
export function shortened(value: string): string {
  return value.length <= LONGEST_LINE ? value : `${value.slice(0, LONGEST_LINE)}…`
}

/** Makes a name of its whole, or of its parts. */
export function nameOf(
  kind: NameInput['kind'],
  parts: Partial<Omit<NameInput, 'kind'>>,
): NameInput | undefined {
  const { given, patronymic, family, written } = parts
  if ((given ?? patronymic ?? family ?? written) === undefined) return undefined
  return { kind, given, patronymic, family, written }
}

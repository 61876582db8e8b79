import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { AppError } from '../../errors.ts'
import type { NameInput } from '../../people/save-person.ts'
import {
  filled,
  MAX_PEOPLE_ROWS,
  nameOf,
  overlong,
  PARTIAL_DATE,
  shortened,
  type ReadRow,
} from './person-row.ts'

/** PFIF 1.4, section 5: names of elements are those of its fields. Text everywhere, or several of them. */
type Fields = Record<string, unknown>

/** Versions that are read (zesty.ca/pfif); 1.0 had no such elements yet. */
const VERSIONS = ['1.1', '1.2', '1.3', '1.4']
/** Tags of one file, opening and closing: an honest file of the largest size has some 400,000. */
const MAX_PFIF_TAGS = 600_000
/** The outermost element stands within so many characters. */
const HEAD_LENGTH = 64 * 1024
/** What 1.4 calls otherwise than the versions before it. `home_zip` is of 1.1 alone, `full_name` began in 1.3. */
const OLDER_NAMES: Record<string, string> = {
  given_name: 'first_name',
  family_name: 'last_name',
  home_postal_code: 'home_zip',
}

/**
 * People of a PFIF document (People Finder Interchange Format 1.1 of 2005 to 1.4 of 2012): persons with their notes. What
 * others believe of somebody (a note's status) is kept as text and never becomes the status here. Photos are addresses, kept as text:
 * nothing is fetched. A record whose expiry date has passed must not be kept, by the format's own rule, and is refused.
 * @throws AppError `bad_input` when it is not such a document, `limit_exceeded`
 */
export function readPfif(text: string, today: string): ReadRow[] {
  // Entities of its own could make a small file endless, or name other files.
  if (/<!DOCTYPE/i.test(text))
    throw new AppError(
      'bad_input',
      'The file has a document type declaration, which PFIF does not. Nothing was taken.',
    )
  const tags = countTags(text)
  if (tags > MAX_PFIF_TAGS) {
    throw new AppError(
      'limit_exceeded',
      `The file has ${tags} tags; MAX_PFIF_TAGS is ${MAX_PFIF_TAGS}: divide it. Nothing was taken.`,
    )
  }
  const valid = XMLValidator.validate(text)
  if (valid !== true) {
    throw new AppError(
      'bad_input',
      `The file is not XML: line ${valid.err.line}: ${shortened(valid.err.msg)} Nothing was taken.`,
    )
  }
  const version =
    /<(?:[\w.-]+:)?pfif\b[^>]{0,2000}?\bxmlns(?::[\w.-]{1,50})?\s{0,50}=\s{0,50}["']https?:\/\/zesty\.ca\/pfif\/([^"']{0,20})["']/.exec(
      text.slice(0, HEAD_LENGTH),
    )?.[1]
  if (version !== undefined && !VERSIONS.includes(version.replace(/\/$/, '')))
    throw new AppError(
      'bad_input',
      `The file is PFIF ${shortened(version)}; versions ${VERSIONS[0]} to ${VERSIONS.at(-1)} are read. Nothing was taken.`,
    )
  const parser = new XMLParser({
    ignoreAttributes: true,
    removeNSPrefix: true,
    parseTagValue: false,
    isArray: (name) => name === 'person' || name === 'note',
  })
  const root = (parser.parse(text) as Fields)['pfif'] as Fields | undefined
  if (root === undefined || typeof root !== 'object')
    throw new AppError(
      'bad_input',
      'Expected a PFIF document, whose outermost element is pfif. Nothing was taken.',
    )
  const persons = (root['person'] ?? []) as Fields[]
  if (persons.length > MAX_PEOPLE_ROWS) {
    throw new AppError(
      'limit_exceeded',
      `The file has more than MAX_PEOPLE_ROWS, ${MAX_PEOPLE_ROWS} persons: divide it. Nothing was taken.`,
    )
  }
  // Notes may stand inside their person or beside the persons.
  const loose = Map.groupBy((root['note'] ?? []) as Fields[], (note) => textOf(note['person_record_id']))
  return persons.map((person, at) => readPerson(person, loose, at + 1, today))
}

function countTags(text: string): number {
  let tags = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) tags += 1
  return tags
}

function readPerson(
  person: Fields,
  loose: ReadonlyMap<string | undefined, readonly Fields[]>,
  row: number,
  today: string,
): ReadRow {
  const field = (name: string): string | undefined =>
    textOf(person[name]) ?? (name in OLDER_NAMES ? textOf(person[OLDER_NAMES[name]]) : undefined)
  const nested = Array.isArray(person['note']) ? (person['note'] as Fields[]) : []
  for (const element of [person, ...nested]) {
    const wrong = overlongElement(element)
    if (wrong !== undefined) return { ok: false, row, reason: wrong }
  }
  const ref = field('person_record_id')
  if (ref === undefined) return { ok: false, row, reason: 'The person has no person_record_id.' }
  const keepUntil = field('expiry_date')?.slice(0, 10)
  if (keepUntil !== undefined && keepUntil < today) {
    return { ok: false, row, reason: `The record of ${ref} expired on ${keepUntil}; it must not be kept.` }
  }
  const birthDate = field('date_of_birth')
  if (birthDate !== undefined && !PARTIAL_DATE.test(birthDate))
    return { ok: false, row, reason: `The date_of_birth of ${ref} is no date: '${birthDate}'.` }
  const ofPerson = loose.get(ref) ?? []
  for (const note of ofPerson) {
    const wrong = overlongElement(note)
    if (wrong !== undefined) return { ok: false, row, reason: wrong }
  }
  const notes = [...nested, ...ofPerson].toSorted((a, b) => timeOf(a) - timeOf(b))
  const places = notes.flatMap((note) => textOf(note['last_known_location']) ?? [])
  const estimated = birthDate === undefined ? bornAbout(field('age'), field('source_date')) : undefined
  const note = noteOf(field, notes)
  const photoUrls = filled(
    [field('photo_url'), ...notes.map((one) => textOf(one['photo_url']))].filter(Boolean).join('\n'),
  )
  const wrong = overlong('note', note) ?? overlong('photo_url', photoUrls)
  if (wrong !== undefined)
    return { ok: false, row, reason: `${wrong} Those of all notes of ${ref} are counted together.` }
  const author = field('author_name') ?? field('author_email') ?? field('author_phone')
  return {
    ok: true,
    person: {
      row,
      ref,
      names: namesOf(field),
      status: undefined,
      birthDate: birthDate ?? estimated,
      birthApproximate: estimated !== undefined,
      sex: field('sex'),
      homeAddress: homeOf(field),
      affiliation: undefined,
      lastSeenOn: undefined,
      lastSeenPlace: places.at(-1),
      marks: undefined,
      clothing: undefined,
      circumstances: undefined,
      photoUrls,
      basis: undefined,
      basisDetail: undefined,
      keepUntil,
      note,
      contact:
        author === undefined
          ? undefined
          : {
              name: author,
              relation: undefined,
              telephone: field('author_phone'),
              email: field('author_email'),
              address: undefined,
            },
    },
  }
}

/** Of a person or a note. */
function overlongElement(element: Fields): string | undefined {
  for (const [name, value] of Object.entries(element)) {
    const wrong = overlong(name === 'text' ? 'note' : name, textOf(value))
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function namesOf(field: (name: string) => string | undefined): NameInput[] {
  const main = nameOf('main', {
    family: field('family_name'),
    given: field('given_name'),
    // Versions before 1.3 had no whole name; 1.3 says that it is made so.
    written:
      field('full_name') ?? filled([field('given_name'), field('family_name')].filter(Boolean).join(' ')),
  })
  const others = (field('alternate_names') ?? '').split('\n').flatMap((written) => {
    const name = nameOf('alias', { written: filled(written) })
    return name === undefined ? [] : [name]
  })
  return [...(main === undefined ? [] : [main]), ...others]
}

/** PFIF 1.4, section 4.1: `age` is a number of years or an inclusive range of two, as of `source_date`. */
function bornAbout(age: string | undefined, sourceDate: string | undefined): string | undefined {
  const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(age ?? '')
  const year = Number(sourceDate?.slice(0, 4))
  if (match === null || !Number.isInteger(year) || year === 0) return undefined
  const youngest = Number(match[1])
  return String(Math.round(year - (youngest + Number(match[2] ?? youngest)) / 2))
}

const HOME_PARTS = [
  'home_street',
  'home_neighborhood',
  'home_city',
  'home_state',
  'home_postal_code',
  'home_country',
]

function homeOf(field: (name: string) => string | undefined): string | undefined {
  return filled(HOME_PARTS.flatMap((part) => field(part) ?? []).join(', '))
}

/** When a note was made, in milliseconds; those without a date come before all others. */
function timeOf(note: Fields): number {
  const times = ['source_date', 'entry_date'].map((name) => Date.parse(textOf(note[name]) ?? ''))
  return times.find((time) => !Number.isNaN(time)) ?? 0
}

/** The free text `other` of versions before 1.4: its parts begin with a name and a colon, the description among them. */
function otherOf(field: (name: string) => string | undefined): string | undefined {
  const lines = (field('other') ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^description:\s*/i, ''))
  return filled(lines.filter((line) => line !== '').join('\n'))
}

/** What has no place of its own, line by line, each with the format's name for it; notes from the oldest to the newest. */
function noteOf(field: (name: string) => string | undefined, notes: readonly Fields[]): string | undefined {
  const kept = ['description', 'source_name', 'source_date', 'source_url', 'profile_urls']
  const lines = kept.flatMap((name) => {
    const value = name === 'description' ? (field(name) ?? otherOf(field)) : field(name)
    return value === undefined ? [] : [name === 'description' ? value : `${name}: ${value}`]
  })
  for (const note of notes) {
    const parts = ['source_date', 'status', 'last_known_location', 'text'].flatMap(
      (name) => textOf(note[name]) ?? [],
    )
    // Until 1.2 gave notes a status they said whether the person was found.
    const found = textOf(note['found'])
    if (found !== undefined) parts.push(`found: ${found}`)
    if (parts.length > 0) lines.push(`note: ${parts.join(' · ')}`)
  }
  return filled(lines.join('\n'))
}

/** The text of an element; of one that stands several times, the first. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(value[0])
  return typeof value === 'string' ? filled(value) : undefined
}

import { stringify } from 'csv-stringify/sync'
import { XMLBuilder } from 'fast-xml-parser'
import { PEOPLE_COLUMNS, type PeopleColumn, type PersonRow } from './person-row.ts'

/** A person as it is written out; contacts are not. */
export interface WrittenPerson extends Omit<PersonRow, 'row' | 'contact'> {
  id: string
  createdAt: string
  changedAt: string
}

/** People as CSV with a byte-order mark, as spreadsheets want it. Cells that they would take for formulas are escaped. */
export function writePeopleCsv(people: readonly WrittenPerson[]): string {
  const columns = PEOPLE_COLUMNS.filter((name) => !name.startsWith('contact_'))
  const rows = people.map((person) => {
    const main = person.names[0] as WrittenPerson['names'][number] | undefined
    const cells: Partial<Record<PeopleColumn, string | undefined>> = {
      ref: person.ref,
      status: person.status,
      family_name: main?.family,
      given_name: main?.given,
      patronymic: main?.patronymic,
      full_name: main?.written,
      other_names: person.names
        .slice(1)
        .map(({ written }) => written)
        .join('; '),
      birth_date: person.birthDate,
      birth_approximate: person.birthApproximate ? 'yes' : '',
      sex: person.sex,
      affiliation: person.affiliation,
      last_seen_on: person.lastSeenOn,
      last_seen_place: person.lastSeenPlace,
      marks: person.marks,
      clothing: person.clothing,
      circumstances: person.circumstances,
      basis: person.basis,
      basis_detail: person.basisDetail,
      keep_until: person.keepUntil,
      photo_urls: person.photoUrls,
      note: person.note,
    }
    return columns.map((name) => cells[name] ?? '')
  })
  return stringify([[...columns], ...rows], { bom: true, escape_formulas: true })
}

export interface PfifSource {
  /** Domain of the register that this service is, the first part of each record's id. */
  domain: string
  agency: string
}

/**
 * People as PFIF 1.4. A record that came from another register keeps that one's id, as the format asks. What is known of
 * the disappearance stands in a note, with the status `believed_missing`.
 */
export function writePfif(people: readonly WrittenPerson[], { domain, agency }: PfifSource): string {
  const persons = people.map((person) => {
    const id = person.ref?.includes('/') === true ? person.ref : `${domain}/person.${person.id}`
    const main = person.names[0] as WrittenPerson['names'][number] | undefined
    const aliases = person.names.slice(1).map(({ written }) => written)
    const description = [person.marks, person.clothing, person.note].filter((part) => part !== undefined)
    const sex = /^(female|male|other)$/.exec(person.sex ?? '')?.[0]
    return elements({
      person_record_id: id,
      entry_date: seconds(person.changedAt),
      expiry_date: person.keepUntil === undefined ? undefined : `${person.keepUntil}T23:59:59Z`,
      author_name: agency,
      source_name: agency,
      source_date: seconds(person.createdAt),
      full_name: main?.written ?? person.ref ?? person.id,
      given_name: main?.given,
      family_name: main?.family,
      alternate_names: aliases.length === 0 ? undefined : aliases.join('\n'),
      description: description.length === 0 ? undefined : description.join('\n'),
      sex,
      date_of_birth: person.birthDate,
      photo_url: person.photoUrls?.split('\n')[0],
      note:
        person.status === 'missing'
          ? elements({
              note_record_id: `${domain}/note.${person.id}`,
              person_record_id: id,
              entry_date: seconds(person.changedAt),
              author_name: agency,
              source_date: seconds(person.changedAt),
              author_made_contact: 'false',
              status: 'believed_missing',
              last_known_location: person.lastSeenPlace,
              text: [person.lastSeenOn, person.circumstances].filter(Boolean).join(' · ') || agency,
            })
          : undefined,
    })
  })
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true })
  const document = {
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    'pfif:pfif': { '@_xmlns:pfif': 'http://zesty.ca/pfif/1.4', 'pfif:person': persons },
  }
  return builder.build(document)
}

/** With the format's prefix before each name, without what is not known. */
function elements(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[`pfif:${name}`, value]])),
  )
}

/** PFIF times have no fractions of seconds. */
function seconds(iso: string): string {
  return `${iso.slice(0, 19)}Z`
}

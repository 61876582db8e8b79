import type { EnquiryChannel, EnquiryState, RecordBasis } from '../../contract/missing-words.ts'
import { type Row, blob, integer, nullable, table, text } from './table.ts'

/** How a person went missing or was found; its id is the person's. Dates are as much as is known: YYYY, YYYY-MM or YYYY-MM-DD. */
export const DISAPPEARANCE = table(
  {
    id: text({ references: 'person (id)' }),
    agency_id: text({ references: 'agency (id)' }),
    last_seen_on: nullable(text()),
    last_seen_place: nullable(text()),
    marks: nullable(text()),
    clothing: nullable(text()),
    circumstances: nullable(text()),
    /** Addresses of photos that another register named, one a line; nothing is ever fetched from them. */
    photo_urls: nullable(text()),
    basis: text<RecordBasis>({ oneOf: ['consent', 'legal'] }),
    /** Who consented and when, or under what law. */
    basis_detail: text(),
    /** Whether facts may be shown in public, on a poster. */
    may_publish: integer(),
    /** YYYY-MM-DD: kept to the end of this day, then the whole record of the person is erased. */
    keep_until: nullable(text()),
    changed_by: text(),
    changed_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      disappearance_keep: { on: ['keep_until'], where: 'keep_until is not null' },
    },
  },
)
export type DisappearanceTable = Row<typeof DISAPPEARANCE>

/** Whom to turn to about a person; for liaison only. */
export const PERSON_CONTACT = table(
  {
    id: text(),
    person_id: text({ references: 'person (id)' }),
    agency_id: text({ references: 'agency (id)' }),
    name: text(),
    relation: nullable(text()),
    telephone: nullable(text()),
    email: nullable(text()),
    address: nullable(text()),
    note: nullable(text()),
    added_by: text(),
    added_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      person_contact_person: { on: ['person_id', 'id'] },
    },
  },
)
export type PersonContactTable = Row<typeof PERSON_CONTACT>

/** What somebody asks about a person, as liaison wrote it down. */
export const ENQUIRY = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    /** The agency's own, YYYY-0001. */
    number: text(),
    person_id: text({ references: 'person (id)' }),
    enquirer: text(),
    relation: text(),
    telephone: nullable(text()),
    email: nullable(text()),
    address: nullable(text()),
    /** YYYY-MM-DD. */
    received_on: text(),
    channel: text<EnquiryChannel>(),
    question: text(),
    state: text<EnquiryState>({ oneOf: ['open', 'answered', 'closed'] }),
    opened_by: text(),
    opened_at: text(),
    changed_by: text(),
    changed_at: text(),
    digest: blob(),
  },
  {
    unique: [['agency_id', 'number']],
    indexes: {
      enquiry_agency: { on: ['agency_id', 'state', 'id'] },
      enquiry_person: { on: ['person_id', 'id'] },
    },
  },
)
export type EnquiryTable = Row<typeof ENQUIRY>

/** An answer that was given outside the system, and by whom. */
export const ENQUIRY_ANSWER = table(
  {
    id: text(),
    enquiry_id: text({ references: 'enquiry (id)' }),
    answer: text(),
    given_by: text(),
    given_on: text(),
    channel: text<EnquiryChannel>(),
    recorded_by: text(),
    recorded_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      enquiry_answer_enquiry: { on: ['enquiry_id', 'id'] },
    },
  },
)
export type EnquiryAnswerTable = Row<typeof ENQUIRY_ANSWER>

/** The last number that an agency gave to an enquiry of a year; what was erased does not take it back. */
export const ENQUIRY_NUMBER = table(
  {
    agency_id: text({ references: 'agency (id)' }),
    /** YYYY. */
    year: text(),
    last: integer(),
  },
  {
    primaryKey: ['agency_id', 'year'],
    withoutRowid: true,
  },
)

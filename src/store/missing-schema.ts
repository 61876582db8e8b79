import type { EnquiryChannel, EnquiryState, RecordBasis } from '../contract/missing-words.ts'

/** How a person went missing or was found; its id is the person's. Dates are as much as is known: YYYY, YYYY-MM or YYYY-MM-DD. */
export interface DisappearanceTable {
  id: string
  agency_id: string
  last_seen_on: string | null
  last_seen_place: string | null
  marks: string | null
  clothing: string | null
  circumstances: string | null
  /** Addresses of photos that another register named, one a line; nothing is ever fetched from them. */
  photo_urls: string | null
  basis: RecordBasis
  /** Who consented and when, or under what law. */
  basis_detail: string
  /** Whether facts may be shown in public, on a poster. */
  may_publish: number
  /** YYYY-MM-DD: kept to the end of this day, then the whole record of the person is erased. */
  keep_until: string | null
  changed_by: string
  changed_at: string
  digest: Uint8Array
}

/** Whom to turn to about a person; for liaison only. */
export interface PersonContactTable {
  id: string
  person_id: string
  agency_id: string
  name: string
  relation: string | null
  telephone: string | null
  email: string | null
  address: string | null
  note: string | null
  added_by: string
  added_at: string
  digest: Uint8Array
}

/** What somebody asks about a person, as liaison wrote it down. */
export interface EnquiryTable {
  id: string
  agency_id: string
  /** The agency's own, YYYY-0001. */
  number: string
  person_id: string
  enquirer: string
  relation: string
  telephone: string | null
  email: string | null
  address: string | null
  /** YYYY-MM-DD. */
  received_on: string
  channel: EnquiryChannel
  question: string
  state: EnquiryState
  opened_by: string
  opened_at: string
  changed_by: string
  changed_at: string
  digest: Uint8Array
}

/** An answer that was given outside the system, and by whom. */
export interface EnquiryAnswerTable {
  id: string
  enquiry_id: string
  answer: string
  given_by: string
  given_on: string
  channel: EnquiryChannel
  recorded_by: string
  recorded_at: string
  digest: Uint8Array
}

/** The last number that an agency gave to an enquiry of a year; what was erased does not take it back. */
export interface EnquiryNumberTable {
  agency_id: string
  /** YYYY. */
  year: string
  last: number
}

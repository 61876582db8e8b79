/** On what a record of somebody who is looked for rests. */
export const RECORD_BASES = ['consent', 'legal'] as const

export type RecordBasis = (typeof RECORD_BASES)[number]

export const ENQUIRY_STATES = ['open', 'answered', 'closed'] as const

export type EnquiryState = (typeof ENQUIRY_STATES)[number]

/** How an enquiry came, or an answer was given: outside the system, always. */
export const ENQUIRY_CHANNELS = ['letter', 'telephone', 'in_person', 'email', 'bureau'] as const

export type EnquiryChannel = (typeof ENQUIRY_CHANNELS)[number]

/** Facts that a poster may show, in its order; nothing else of the record gets there. */
export const POSTER_FACTS = [
  'birth_date',
  'last_seen_on',
  'last_seen_place',
  'marks',
  'clothing',
  'circumstances',
] as const

export type PosterFact = (typeof POSTER_FACTS)[number]

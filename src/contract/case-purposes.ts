/** What a case may be for; no search without one. */
export const CASE_PURPOSES = [
  'identify_the_dead',
  'find_missing_person',
  'reunite_family',
  'verify_identity',
  'investigate_crime',
  'training',
] as const

export type CasePurpose = (typeof CASE_PURPOSES)[number]

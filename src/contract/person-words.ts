/** What is known of where a person is. */
export const PERSON_STATUSES = [
  'missing',
  'unidentified_dead',
  'dead',
  'detained',
  'displaced',
  'found',
  'of_interest',
] as const

export type PersonStatus = (typeof PERSON_STATUSES)[number]

/** Statuses of people who are dead: their identification never rests on a face alone. */
export const STATUSES_OF_THE_DEAD: readonly PersonStatus[] = ['unidentified_dead', 'dead']

/** Statuses of people whose pictures leave the system blurred, unless the recipient may see them: the dead and the captured. */
export const PROTECTED_STATUSES: readonly PersonStatus[] = ['unidentified_dead', 'dead', 'detained']

import type { PersonInput } from '../../src/people/save-person.ts'

/** Of a person nothing is said; tests say what they are about. */
export const NOTHING_OF_A_PERSON = {
  ref: undefined,
  names: undefined,
  status: undefined,
  birthDate: undefined,
  birthApproximate: undefined,
  affiliation: undefined,
  note: undefined,
  anteMortem: undefined,
  postMortem: undefined,
} satisfies PersonInput

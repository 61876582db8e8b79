import type { PersonInput } from '../../src/people/save-person.ts'

/** Of a person nothing is said but the name that every record needs; tests say what they are about. */
export const NOTHING_OF_A_PERSON = {
  ref: undefined,
  names: [
    { kind: 'main', given: undefined, patronymic: undefined, family: undefined, written: 'Made Up Person' },
  ],
  status: undefined,
  birthDate: undefined,
  birthApproximate: undefined,
  affiliation: undefined,
  note: undefined,
  anteMortem: undefined,
  postMortem: undefined,
} satisfies PersonInput

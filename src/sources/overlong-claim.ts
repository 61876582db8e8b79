import { LONGEST_LINE } from '../contract/values.ts'
import { MAX_CLAIM_LENGTH } from './limits.ts'
import type { Claims } from './claims.ts'

/** By these people are found and told apart. */
const LINES = new Set(['person_name', 'person_ref', 'captured_at'])

/** What is wrong with a claim that is too long, in a sentence that names the field; undefined when nothing is. */
export function overlongClaim({ other, ...claims }: Claims): string | undefined {
  for (const [field, value] of [...Object.entries(claims), ...Object.entries(other ?? {})]) {
    // What an archive says is cut where it is read.
    if (typeof value !== 'string') continue
    const [limit, name] = LINES.has(field)
      ? [LONGEST_LINE, 'LONGEST_LINE']
      : [MAX_CLAIM_LENGTH, 'MAX_CLAIM_LENGTH']
    if (field.length > LONGEST_LINE)
      return `A column's name has ${field.length} characters; LONGEST_LINE is ${LONGEST_LINE}.`
    if (value.length > limit) return `The field ${field} has ${value.length} characters; ${name} is ${limit}.`
  }
  return undefined
}

import { z } from 'zod'
import { ROLES } from './roles.ts'

/** Values that many requests and replies share. */

/** Characters of one line of text, and of several. */
export const LONGEST_LINE = 200
export const LONGEST_TEXT = 4000
/** Rows of one page, at most. */
export const LARGEST_PAGE = 200

export const id = z.uuid().describe('UUIDv7')
export const time = z.iso.datetime().describe('UTC')
export const day = z.iso.date().describe('YYYY-MM-DD')
/** One line of text, not empty. */
export const line = z.string().trim().min(1).max(LONGEST_LINE)
/** Several lines of text, not empty. */
export const text = z.string().trim().min(1).max(LONGEST_TEXT)
export const email = z.email().max(LONGEST_LINE)
/** Checked when it is set; here only kept from being endless. */
export const password = z.string().min(1).max(1000)
export const token = z.string().min(1).max(200)
export const role = z.enum(ROLES)
export const idParams = z.object({ id })

/** Query of a list: the next page is asked for with the `next` of the one before. */
export const pageQuery = z.object({
  cursor: z.string().max(LONGEST_LINE).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(50),
})

/** A legal hold. */
export const hold = z.object({
  id,
  reason: z.string(),
  imposedBy: z.string(),
  imposedAt: time,
  liftedBy: z.string().nullable(),
  liftedAt: time.nullable().describe('null: it stands'),
  liftReason: z.string().nullable(),
})

/** Beside every number of strangers, and every share of them. */
export const extrapolated = z
  .boolean()
  .describe('Rarer than was measured: the number is the bound, and the truth is below it')

/** A page of a list. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable().describe('null on the last page') })
}

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string().describe('urn:likeness:problem:CODE'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened, what was kept, what to do'),
    code: z.string().describe('Stable; for programs'),
    requestId: z.string(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })

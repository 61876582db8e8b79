import { z } from 'zod'

const LONGEST_HASH = 128
const LONGEST_TIME = 40
const LONGEST_URL = 500
const LONGEST_KEY = 500

/** A checkpoint of an audit log: how many events it had at a time and its hash there, signed; see src/audit/checkpoints.ts. */
export const checkpointSchema = z.object({
  seq: z.int().positive(),
  chain_hash: z.string().max(LONGEST_HASH),
  at: z.string().max(LONGEST_TIME),
  key_id: z.string().max(LONGEST_HASH),
  signature: z.string().max(LONGEST_HASH),
})

/** What a place outside is given: a checkpoint, and what it takes to check it. */
export const anchorMessageSchema = z.object({
  /** Address of the instance that it is of. */
  instance: z.string().max(LONGEST_URL),
  /** Ed25519, PEM. */
  publicKey: z.string().max(LONGEST_KEY),
  checkpoint: checkpointSchema,
})

export type AnchorMessage = z.infer<typeof anchorMessageSchema>

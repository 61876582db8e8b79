import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError, reasonOf } from '../errors.ts'
import { writeFileDurably } from '../store/vault/durable-files.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * [Note: last signature]
 * What the key signed last stands beside the key: how many events the log had, and its hash there. Who can write the
 * data folder, but not this file, can take checkpoints out and write the log anew; it then no longer goes on from here,
 * and nothing is signed any more until the operator says why (`likeness audit resume`).
 */
const lastSignedSchema = z.object({
  seq: z.int().positive(),
  chain_hash: z.string(),
  at: z.string(),
  /** The first event whose checkpoint it vouches for: 1, or where the operator resumed. */
  since: z.int().positive(),
})

export type LastSigned = z.infer<typeof lastSignedSchema>

/** What the key signed last; undefined when it has signed nothing. @throws AppError `corrupt_record` */
export function readLastSigned(key: Pick<SigningKey, 'file'>): LastSigned | undefined {
  const file = fileOf(key)
  if (!existsSync(file)) return undefined
  try {
    return lastSignedSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new AppError('corrupt_record', `${file} is not what was written: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}

/** @throws AppError `bad_input` when the place cannot be written */
export function writeLastSigned(key: Pick<SigningKey, 'file'>, last: LastSigned): void {
  const { seq, chain_hash, at, since } = last
  try {
    writeFileDurably(fileOf(key), `${JSON.stringify({ seq, chain_hash, at, since })}\n`)
  } catch (error) {
    throw new AppError(
      'bad_input',
      `What was signed last cannot be kept beside the key, in ${fileOf(key)}: ${reasonOf(error)}. Keep the key in a folder that the service may write.`,
      { cause: error },
    )
  }
}

function fileOf({ file }: Pick<SigningKey, 'file'>): string {
  return `${file}.last-signed.json`
}

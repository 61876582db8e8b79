import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { AppError, reasonOf } from '../../errors.ts'
import type { AuditCheckpointTable } from '../../store/tables/audit-tables.ts'
import { anchorMessageSchema, checkpointSchema, type AnchorMessage } from '../../contract/anchor-message.ts'
import { signatureHolds } from '../checkpoints.ts'
import { keyId } from '../signing-key.ts'

export function anchorMessage(
  instance: URL,
  publicKey: KeyObject,
  { seq, chain_hash, at, key_id, signature }: AuditCheckpointTable,
): AnchorMessage {
  return {
    instance: instance.href,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    checkpoint: { seq, chain_hash, at, key_id, signature },
  }
}

/** Whether the checkpoint is signed by the key that comes with it. */
export function isSigned({ publicKey, checkpoint }: AnchorMessage): boolean {
  try {
    const key = createPublicKey(publicKey)
    return keyId(key) === checkpoint.key_id && signatureHolds(checkpoint, key)
  } catch {
    return false
  }
}

/** An event of another instance's exported log, that witnessed a checkpoint of this one. */
const witnessedSchema = z.object({ action: z.literal('audit.witness'), details: z.string() })

/**
 * Checkpoints that were kept outside: a file of JSON lines, each a checkpoint, a message as places outside are given it,
 * or an event of another instance's exported log (others are passed over); or a folder of such files.
 * @throws AppError `bad_input` naming the file
 */
export function readKeptCheckpoints(file: string): AuditCheckpointTable[] {
  if (!existsSync(file)) throw new AppError('bad_input', `There is no file or folder ${file}.`)
  if (statSync(file).isDirectory()) {
    const names = readdirSync(file).filter((name) => /\.jsonl?$/.test(name))
    return names.toSorted().flatMap((name) => readKeptCheckpoints(path.join(file, name)))
  }
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return []
    try {
      return checkpointOf(JSON.parse(line))
    } catch (error) {
      throw new AppError('bad_input', `Line ${at + 1} of ${file} is no checkpoint: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  })
}

function checkpointOf(value: unknown): AuditCheckpointTable[] {
  const message = anchorMessageSchema.safeParse(value)
  if (message.success) return [message.data.checkpoint]
  if (typeof value === 'object' && value !== null && 'kind' in value) {
    if (value.kind === 'checkpoint') return [checkpointSchema.parse(value)]
    const event = witnessedSchema.safeParse(value)
    return event.success ? [checkpointSchema.parse(JSON.parse(event.data.details))] : []
  }
  return [checkpointSchema.parse(value)]
}

import { sign, verify, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { nowIso } from '../store/ids.ts'
import type { AuditCheckpointTable } from '../store/service-schema.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * [Note: checkpoints]
 * A checkpoint says, signed: at this time the log had so many events and its chain stood at this hash. Checkpoints stand
 * in the database and, one JSON line each, in audit-checkpoints.jsonl, which operators copy to where nobody of this
 * machine can write. The log can then not be changed or cut without one of them no longer fitting.
 */
const checkpointSchema = z.object({
  seq: z.int().positive(),
  chain_hash: z.string(),
  at: z.string(),
  key_id: z.string(),
  signature: z.string(),
})

export function checkpointFile(dataFolder: string): string {
  return path.join(dataFolder, 'audit-checkpoints.jsonl')
}

/** Signs the log as it stands. @returns undefined when nothing came since the last checkpoint */
export async function writeCheckpoint(
  ctx: Pick<Context, 'store'>,
  key: SigningKey,
): Promise<AuditCheckpointTable | undefined> {
  const { store } = ctx
  const checkpoint = await store.db.transaction().execute(async (tx) => {
    const last = await tx
      .selectFrom('audit_event')
      .select(['seq', 'chain_hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const known = await tx
      .selectFrom('audit_checkpoint')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirstOrThrow()
    // A log that is shorter than its last checkpoint was cut: signing it would hide that.
    if (last === undefined || (known.seq ?? 0) >= last.seq) return undefined
    const unsigned = { ...last, at: nowIso(), key_id: key.id }
    const row = {
      ...unsigned,
      signature: sign(null, signedBytes(unsigned), key.privateKey).toString('base64'),
    }
    await tx.insertInto('audit_checkpoint').values(row).execute()
    return row
  })
  if (checkpoint !== undefined) appendLine(checkpointFile(store.dataFolder), JSON.stringify(checkpoint))
  return checkpoint
}

/** Checkpoints in a file of JSON lines; a last line that was cut off is passed over. */
export function readCheckpoints(file: string): AuditCheckpointTable[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => checkpointSchema.parse(JSON.parse(line)))
}

/** Whether a checkpoint was signed by this key. */
export function signatureHolds(checkpoint: AuditCheckpointTable, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(checkpoint), publicKey, Buffer.from(checkpoint.signature, 'base64'))
}

function signedBytes({ seq, chain_hash, at, key_id }: Omit<AuditCheckpointTable, 'signature'>): Buffer {
  return Buffer.from(`likeness audit checkpoint\n${seq}\n${chain_hash}\n${at}\n${key_id}`)
}

function appendLine(file: string, line: string): void {
  const descriptor = openSync(file, 'a', 0o600)
  try {
    writeSync(descriptor, `${line}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

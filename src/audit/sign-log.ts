import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { CHAIN_START } from '../store/audit-chain.ts'
import { nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { AuditCheckpointTable } from '../store/tables/audit-tables.ts'
import { appendAuditEvent, lastEvent } from './append-event.ts'
import type { AuditFault } from './audit-fault.ts'
import {
  checkpointFile,
  checkpointGaps,
  fileCheckpoints,
  makeCheckpoint,
  readCheckpoints,
  signatureHolds,
} from './checkpoints.ts'
import { readLastSigned, writeLastSigned, type LastSigned } from './last-signed.ts'
import type { SigningKey } from './signing-key.ts'
import { lastSignedFault } from './verify-log.ts'
import { walkChain, type ChainPlace } from './walk-chain.ts'

/**
 * Signs the log as it stands, after seeing that it goes on from where the key signed last: the event there has the hash
 * that is kept beside the key, every event after it follows from the one before, and no checkpoint up to there is missing.
 * @returns undefined when nothing came since the last checkpoint
 * @throws AppError `corrupt_record` naming the first fault; nothing is signed then
 */
export async function signLog(
  ctx: Pick<Context, 'store'>,
  key: SigningKey,
): Promise<AuditCheckpointTable | undefined> {
  const { db, dataFolder } = ctx.store
  const lastSigned = readLastSigned(key)
  const checkpoint = await db.transaction().execute(async (tx) => {
    const end = await refuseForgedLog(tx, dataFolder, key, lastSigned)
    return end.seq === lastSigned?.seq || end.seq === 0 ? undefined : writeCheckpoint(tx, key, end)
  })
  if (checkpoint !== undefined)
    await keepOutside(db, dataFolder, key, { ...checkpoint, since: lastSigned?.since ?? 1 })
  return checkpoint
}

/**
 * Goes on signing a log that no longer goes on from where the key signed last, because the operator says why: a backup was
 * restored, or the record at this place is a new one. The reason becomes an event; what is missing stays missing, and
 * checkpoints that were kept elsewhere go on to show it.
 * @throws AppError `corrupt_record` when the log itself is broken
 */
export async function resumeLog(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { key: SigningKey; reason: string },
): Promise<AuditCheckpointTable> {
  authorize(actor, 'audit.verify')
  const { db, dataFolder } = ctx.store
  const { key, reason } = input
  const before = readLastSigned(key)
  const checkpoint = await db.transaction().execute(async (tx) => {
    const { seq } = await wholeEnd(tx, { seq: 0, chain_hash: CHAIN_START })
    await appendAuditEvent(tx, actor, {
      action: 'audit.resume',
      agencyId: undefined,
      subject: undefined,
      details: {
        reason,
        signedUpTo: before?.seq ?? 0,
        signedHash: before?.chain_hash ?? null,
        logEnded: seq,
      },
    })
    return writeCheckpoint(tx, key, await lastEvent(tx))
  })
  await keepOutside(db, dataFolder, key, { ...checkpoint, since: checkpoint.seq })
  return checkpoint
}

async function refuseForgedLog(
  tx: Tx,
  dataFolder: string,
  key: SigningKey,
  lastSigned: LastSigned | undefined,
): Promise<ChainPlace> {
  const stored = await tx.selectFrom('audit_checkpoint').selectAll().orderBy('seq').execute()
  refuse(checkpointGaps(stored, readCheckpoints(checkpointFile(dataFolder)), lastSigned))
  // A log that was signed before its last signature was kept beside the key is taken on when all of it verifies.
  const newest = lastSigned ?? stored.at(-1)
  if (newest === undefined) return wholeEnd(tx, { seq: 0, chain_hash: CHAIN_START })
  const event = await tx
    .selectFrom('audit_event')
    .select(['seq', 'chain_hash'])
    .where('seq', '=', newest.seq)
    .executeTakeFirst()
  if (event === undefined) {
    const { seq } = await lastEvent(tx)
    const detail = `The log was signed up to event ${newest.seq}, and ends at ${seq}: ${newest.seq - seq} events were cut off.`
    refuse([{ seq: newest.seq, kind: 'truncated', detail }])
  }
  refuse([lastSignedFault(newest, event!)])
  if (lastSigned !== undefined) return wholeEnd(tx, newest)
  const foreign = stored.find((checkpoint) => !signatureHolds(checkpoint, key.publicKey))
  if (foreign !== undefined) {
    const detail = `The checkpoint of event ${foreign.seq} is signed by another key (${foreign.key_id}) than the one in ${key.file} (${key.id}).`
    refuse([{ seq: foreign.seq, kind: 'signature', detail }])
  }
  return wholeEnd(tx, { seq: 0, chain_hash: CHAIN_START })
}

/** Where the log ends, when all after a place follows from it. @throws AppError `corrupt_record` naming the first fault */
async function wholeEnd(tx: Tx, from: ChainPlace): Promise<ChainPlace> {
  let last = from
  for await (const { event, faults } of walkChain(tx, from)) {
    refuse(faults)
    last = event
  }
  return { seq: last.seq, chain_hash: last.chain_hash }
}

function refuse(faults: readonly (AuditFault | undefined)[]): void {
  const fault = faults.find((fault) => fault !== undefined)
  if (fault === undefined) return
  throw new AppError(
    'corrupt_record',
    `The audit log is not signed: ${fault.detail} Run \`likeness audit verify\`. If a backup was restored or the record is a new one, \`likeness audit resume --reason\` says so in the log and goes on.`,
  )
}

async function writeCheckpoint(tx: Tx, key: SigningKey, end: ChainPlace): Promise<AuditCheckpointTable> {
  const checkpoint = makeCheckpoint(end, nowIso(), key)
  await tx.deleteFrom('audit_checkpoint').where('seq', '=', end.seq).execute()
  await tx.insertInto('audit_checkpoint').values(checkpoint).execute()
  return checkpoint
}

/** First the file, then beside the key: what was signed last is never newer than what can be shown. */
async function keepOutside(db: Db, dataFolder: string, key: SigningKey, signed: LastSigned): Promise<void> {
  const file = checkpointFile(dataFolder)
  const filed = new Set(readCheckpoints(file).map(({ signature }) => signature))
  const stored = await db.selectFrom('audit_checkpoint').selectAll().orderBy('seq').execute()
  fileCheckpoints(
    file,
    stored.filter(({ seq, signature }) => seq <= signed.seq && !filed.has(signature)),
  )
  writeLastSigned(key, signed)
}

/** The checkpoint that covers most of the log. */
export async function newestCheckpoint(db: Db): Promise<AuditCheckpointTable | undefined> {
  return db.selectFrom('audit_checkpoint').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
}

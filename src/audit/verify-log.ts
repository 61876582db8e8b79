import type { KeyObject } from 'node:crypto'
import type { Actor } from '../access/actor.ts'
import { authorize } from '../access/policy.ts'
import type { Context } from '../context.ts'
import { CHAIN_START, chainHash } from '../store/audit-chain.ts'
import type { Db } from '../store/record.ts'
import type { AuditEventTable } from '../store/schema.ts'
import type { AuditCheckpointTable } from '../store/service-schema.ts'
import { recordEvent } from './append-event.ts'
import { checkpointFile, readCheckpoints, signatureHolds } from './checkpoints.ts'
import { keyId } from './signing-key.ts'

/** Events read at once: what follows each page holds the event loop for a few milliseconds. */
const PAGE_EVENTS = 100
/** A log with more faults than this is not worth listing further. */
const MAX_FAULTS = 100

/** What is wrong, and at which event. */
export interface AuditFault {
  seq: number
  kind: 'removed' | 'changed' | 'checkpoint' | 'truncated' | 'signature'
  detail: string
}

export interface AuditVerification {
  events: number
  checkpoints: number
  /** Last event that a checkpoint covers; what follows is chained and not yet signed. */
  signedUpTo: number
  faults: AuditFault[]
}

export interface VerifyInput {
  publicKey: KeyObject
  /** Checkpoints kept elsewhere, beside those of the data folder. */
  further?: readonly AuditCheckpointTable[]
}

/**
 * Walks the whole log and names every changed, removed, reordered or cut-off event; see [Note: audit chain] and
 * [Note: checkpoints]. A moved event shows as a removed one where it was and a changed one where it is.
 */
export async function verifyLog(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: VerifyInput,
): Promise<AuditVerification> {
  authorize(actor, 'audit.verify')
  const verification = await walkLog(ctx.store.db, ctx.store.dataFolder, input)
  await recordEvent(ctx.store.db, actor, {
    action: 'audit.verify',
    agencyId: undefined,
    subject: undefined,
    details: { events: verification.events, faults: verification.faults.length },
  })
  return verification
}

async function walkLog(db: Db, dataFolder: string, input: VerifyInput): Promise<AuditVerification> {
  const checkpoints = new Map<number, AuditCheckpointTable[]>()
  const stored = await db.selectFrom('audit_checkpoint').selectAll().execute()
  for (const checkpoint of [
    ...stored,
    ...readCheckpoints(checkpointFile(dataFolder)),
    ...(input.further ?? []),
  ]) {
    const known = checkpoints.get(checkpoint.seq) ?? []
    const same = known.some(
      ({ chain_hash, signature }) =>
        chain_hash === checkpoint.chain_hash && signature === checkpoint.signature,
    )
    if (!same) checkpoints.set(checkpoint.seq, [...known, checkpoint])
  }
  const faults: AuditFault[] = []
  const add = (fault: AuditFault): void => {
    if (faults.length < MAX_FAULTS) faults.push(fault)
  }
  let last = { seq: 0, chain_hash: CHAIN_START }
  let events = 0
  for (;;) {
    const page = await db
      .selectFrom('audit_event')
      .selectAll()
      .where('seq', '>', last.seq)
      .orderBy('seq')
      .limit(PAGE_EVENTS)
      .execute()
    if (page.length === 0) break
    for (const event of page) {
      for (const fault of faultsOf(event, last)) add(fault)
      for (const checkpoint of checkpoints.get(event.seq) ?? []) {
        const fault = checkpointFault(checkpoint, event, input.publicKey)
        if (fault !== undefined) add(fault)
      }
      last = event
      events += 1
    }
  }
  const signed = [...checkpoints.keys()]
  for (const seq of signed.filter((seq) => seq > last.seq).toSorted((a, b) => a - b)) {
    add({
      seq,
      kind: 'truncated',
      detail: `A checkpoint covers events up to ${seq}, and the log ends at ${last.seq}: ${seq - last.seq} events were cut off.`,
    })
  }
  return { events, checkpoints: signed.length, signedUpTo: Math.max(0, ...signed), faults }
}

function faultsOf(event: AuditEventTable, last: { seq: number; chain_hash: string }): AuditFault[] {
  const missing = event.seq - last.seq - 1
  if (missing > 0) {
    const which =
      missing === 1 ? `Event ${last.seq + 1} is` : `Events ${last.seq + 1} to ${event.seq - 1} are`
    return [{ seq: last.seq + 1, kind: 'removed', detail: `${which} missing.` }]
  }
  if (chainHash(last.chain_hash, event) === event.chain_hash) return []
  return [
    {
      seq: event.seq,
      kind: 'changed',
      detail: `Event ${event.seq} (${event.action}, ${event.at}) is not what was written, or does not stand where it was written.`,
    },
  ]
}

function checkpointFault(
  checkpoint: AuditCheckpointTable,
  event: AuditEventTable,
  publicKey: KeyObject,
): AuditFault | undefined {
  const { seq } = checkpoint
  if (checkpoint.key_id !== keyId(publicKey) || !signatureHolds(checkpoint, publicKey)) {
    return {
      seq,
      kind: 'signature',
      detail: `The checkpoint of event ${seq} is not signed by this instance's key.`,
    }
  }
  if (checkpoint.chain_hash === event.chain_hash) return undefined
  return {
    seq,
    kind: 'checkpoint',
    detail: `Up to event ${seq} the log is not the one that was signed on ${checkpoint.at}.`,
  }
}

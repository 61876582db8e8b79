import type { KeyObject } from 'node:crypto'
import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { CHAIN_START } from '../store/audit-chain.ts'
import type { Db } from '../store/database/db.ts'
import type { AuditEventTable } from '../store/tables/audit-tables.ts'
import type { AuditCheckpointTable } from '../store/tables/audit-tables.ts'
import { recordEvent } from './append-event.ts'
import type { AuditFault } from './audit-fault.ts'
import { rowFaults } from './check-rows.ts'
import { checkpointFile, checkpointGaps, readCheckpoints, signatureHolds } from './checkpoints.ts'
import type { LastSigned } from './last-signed.ts'
import { keyId } from './signing-key.ts'
import { walkChain, type ChainPlace } from './walk-chain.ts'

/** A log with more faults than this is not worth listing further. */
const MAX_FAULTS = 100

export interface AuditVerification {
  events: number
  checkpoints: number
  /** Last event that a checkpoint covers; what follows is chained and not yet signed. */
  signedUpTo: number
  /** Rows of the record that were compared with the last event that wrote them. */
  rows: number
  faults: AuditFault[]
}

export interface VerifyInput {
  publicKey: KeyObject
  /** Checkpoints kept elsewhere, beside those of the data folder. */
  further?: readonly AuditCheckpointTable[]
  /** What the key signed last, where it is known. */
  lastSigned?: LastSigned | undefined
}

/**
 * Walks the whole log and names every changed, removed, reordered or cut-off event, and every row of the record that is
 * not what its last event wrote; see [Note: audit chain], [Note: checkpoints] and [Note: bound rows]. A moved event shows as a removed one where it was
 * and a changed one where it is.
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

export async function walkLog(db: Db, dataFolder: string, input: VerifyInput): Promise<AuditVerification> {
  const stored = await db.selectFrom('audit_checkpoint').selectAll().orderBy('seq').execute()
  const filed = readCheckpoints(checkpointFile(dataFolder))
  const checkpoints = bySeq([...stored, ...filed, ...(input.further ?? [])])
  const faults: AuditFault[] = []
  const add = (fault: AuditFault | undefined): void => {
    if (fault !== undefined && faults.length < MAX_FAULTS) faults.push(fault)
  }
  let last: ChainPlace = { seq: 0, chain_hash: CHAIN_START }
  let [events, written] = [0, 0]
  for await (const { event, rows, faults } of walkChain(db, last)) {
    faults.forEach(add)
    written += rows
    for (const checkpoint of checkpoints.get(event.seq) ?? [])
      add(checkpointFault(checkpoint, event, input.publicKey))
    if (event.seq === input.lastSigned?.seq) add(lastSignedFault(input.lastSigned, event))
    last = event
    events += 1
  }
  const signed = [...checkpoints.keys()]
  const known = new Set([...signed, ...(input.lastSigned === undefined ? [] : [input.lastSigned.seq])])
  for (const seq of [...known].filter((seq) => seq > last.seq).toSorted((a, b) => a - b)) {
    add({
      seq,
      kind: 'truncated',
      detail: `A checkpoint covers events up to ${seq}, and the log ends at ${last.seq}: ${seq - last.seq} events were cut off.`,
    })
  }
  checkpointGaps(stored, filed, input.lastSigned).forEach(add)
  add(await strayRows(db, written))
  let rows = 0
  for await (const fault of rowFaults(db, (count) => (rows += count))) add(fault)
  return { events, checkpoints: signed.length, signedUpTo: Math.max(0, ...signed), rows, faults }
}

/** Hashes that no event has written would be taken for the last ones of their rows. */
async function strayRows(db: Db, written: number): Promise<AuditFault | undefined> {
  const { kept } = await db
    .selectFrom('audit_row')
    .select(({ fn }) => fn.countAll<number>().as('kept'))
    .executeTakeFirstOrThrow()
  if (kept === written) return undefined
  const detail = `The record keeps ${kept} hashes of written rows, and the log's events wrote ${written}.`
  return { seq: 0, kind: 'rows', detail }
}

/** Checkpoints by the event that they cover up to, each once. */
function bySeq(all: readonly AuditCheckpointTable[]): Map<number, AuditCheckpointTable[]> {
  const checkpoints = new Map<number, AuditCheckpointTable[]>()
  for (const checkpoint of all) {
    const known = checkpoints.get(checkpoint.seq) ?? []
    const same = known.some(
      ({ chain_hash, signature }) =>
        chain_hash === checkpoint.chain_hash && signature === checkpoint.signature,
    )
    if (!same) checkpoints.set(checkpoint.seq, [...known, checkpoint])
  }
  return checkpoints
}

/** The log against what stands beside the key; see [Note: last signature]. */
export function lastSignedFault(last: Omit<LastSigned, 'since'>, event: ChainPlace): AuditFault | undefined {
  if (event.chain_hash === last.chain_hash) return undefined
  return {
    seq: last.seq,
    kind: 'checkpoint',
    detail: `Up to event ${last.seq} the log is not the one that was signed on ${last.at}, as is kept beside the key.`,
  }
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

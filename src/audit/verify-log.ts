import type { KeyObject } from 'node:crypto'
import type { Actor } from '../access/actor.ts'
import { authorize } from '../access/policy.ts'
import type { Context } from '../context.ts'
import { CHAIN_START, chainHash } from '../store/audit-chain.ts'
import { rowsHash, type BoundRow } from '../store/bound-rows.ts'
import type { Db } from '../store/record.ts'
import type { AuditEventTable } from '../store/schema.ts'
import type { AuditCheckpointTable } from '../store/service-schema.ts'
import { recordEvent } from './append-event.ts'
import { rowFaults } from './check-rows.ts'
import { checkpointFile, readCheckpoints, signatureHolds } from './checkpoints.ts'
import { keyId } from './signing-key.ts'

/** Events read at once. */
const PAGE_EVENTS = 1000
/** A log with more faults than this is not worth listing further. */
const MAX_FAULTS = 100

/** What is wrong, and at which event. */
export interface AuditFault {
  seq: number
  /** `rows`: the list of rows that an event wrote; `row`: a row that is not what its last event wrote. */
  kind: 'removed' | 'changed' | 'checkpoint' | 'truncated' | 'signature' | 'rows' | 'row'
  detail: string
}

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
}

/**
 * Walks the whole log and names every changed, removed, reordered or cut-off event, and every row of the record that is
 * not what its last event wrote; see [Note: audit chain], [Note: checkpoints] and [Note: bound rows]. A moved event shows as a removed one where it was and a changed one where it is.
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
  const checkpoints = await allCheckpoints(db, dataFolder, input)
  const faults: AuditFault[] = []
  const add = (fault: AuditFault): void => {
    if (faults.length < MAX_FAULTS) faults.push(fault)
  }
  let last = { seq: 0, chain_hash: CHAIN_START }
  let events = 0
  for await (const page of pagesOf(db)) {
    const rows = await rowsOf(db, page)
    for (const event of page) {
      for (const fault of faultsOf(event, last, rows.get(event.seq) ?? [])) add(fault)
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
  let rows = 0
  for await (const fault of rowFaults(db, (count) => (rows += count))) add(fault)
  return { events, checkpoints: signed.length, signedUpTo: Math.max(0, ...signed), rows, faults }
}

/** Checkpoints of the record, of its file and those kept elsewhere, by the event that they cover up to, each once. */
async function allCheckpoints(
  db: Db,
  dataFolder: string,
  input: VerifyInput,
): Promise<Map<number, AuditCheckpointTable[]>> {
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
  return checkpoints
}

async function* pagesOf(db: Db): AsyncGenerator<AuditEventTable[]> {
  for (let after = 0; ;) {
    const page = await db
      .selectFrom('audit_event')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE_EVENTS)
      .execute()
    if (page.length === 0) return
    yield page
    after = page[page.length - 1].seq
  }
}

/** The rows that the events of a page wrote, by event. */
async function rowsOf(db: Db, page: readonly AuditEventTable[]): Promise<Map<number, BoundRow[]>> {
  const rows = await db
    .selectFrom('audit_row')
    .selectAll()
    .where('event_seq', '>=', page[0].seq)
    .where('event_seq', '<=', page[page.length - 1].seq)
    .execute()
  return Map.groupBy(rows, ({ event_seq }) => event_seq)
}

function faultsOf(
  event: AuditEventTable,
  last: { seq: number; chain_hash: string },
  rows: readonly BoundRow[],
): AuditFault[] {
  const missing = event.seq - last.seq - 1
  if (missing > 0) {
    const which =
      missing === 1 ? `Event ${last.seq + 1} is` : `Events ${last.seq + 1} to ${event.seq - 1} are`
    return [{ seq: last.seq + 1, kind: 'removed', detail: `${which} missing.` }]
  }
  const named = `Event ${event.seq} (${event.action}, ${event.at})`
  if (chainHash(last.chain_hash, event) !== event.chain_hash) {
    return [
      {
        seq: event.seq,
        kind: 'changed',
        detail: `${named} is not what was written, or does not stand where it was written.`,
      },
    ]
  }
  const written = rows.length === 0 ? null : rowsHash(rows)
  if (written === event.rows_hash) return []
  return [
    { seq: event.seq, kind: 'rows', detail: `The list of rows that ${named} wrote is not what was written.` },
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

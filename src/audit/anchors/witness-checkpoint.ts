import type { AccountActor } from '../../actor/actor.ts'
import { authorize } from '../../actor/policy.ts'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Tx } from '../../store/database/db.ts'
import { checkedRow } from '../../store/tables/row-digest.ts'
import { appendAuditEvent } from '../append-event.ts'
import { checkpointSchema, type AnchorMessage } from '../../contract/anchor-message.ts'
import { isSigned } from './anchor-message.ts'

const ACTION = 'audit.witness'

/**
 * Writes another instance's checkpoint into this one's audit log, whose own chain then vouches for it. One that
 * contradicts an earlier one of the same key is written too: that is the evidence.
 * @returns what is wrong with it, as a sentence; null when it goes on from those before
 * @throws AppError `bad_input` when it is not signed by the key that comes with it
 */
export async function witnessCheckpoint(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  message: AnchorMessage,
): Promise<{ fault: string | null }> {
  authorize(actor, 'audit.witness')
  if (!isSigned(message))
    throw new AppError(
      'bad_input',
      'The checkpoint is not signed by the key that came with it. Nothing was kept.',
    )
  const { checkpoint, instance } = message
  const subject = `signing key ${checkpoint.key_id}`
  return ctx.store.db.transaction().execute(async (tx) => {
    const last = await lastWitnessed(tx, actor, subject)
    if (last?.seq === checkpoint.seq && last.chain_hash === checkpoint.chain_hash) return { fault: null }
    const fault = last === undefined ? null : faultOf(last, checkpoint)
    await appendAuditEvent(tx, actor, {
      action: ACTION,
      agencyId: undefined,
      subject,
      details: { ...checkpoint, instance, fault },
      outcome: fault === null ? 'done' : 'failed',
    })
    return { fault }
  })
}

interface Place {
  seq: number
  chain_hash: string
}

function faultOf(last: Place, next: Place): string | null {
  if (next.seq > last.seq) return null
  return next.seq === last.seq
    ? `Another log of ${next.seq} events was signed with the same key before.`
    : `A log of ${last.seq} events was signed with this key before; this one has ${next.seq}: events were cut off.`
}

/** The newest checkpoint of a key that the account's agency witnessed. */
async function lastWitnessed(tx: Tx, actor: AccountActor, subject: string): Promise<Place | undefined> {
  let query = tx
    .selectFrom('audit_event')
    .selectAll()
    .where('action', '=', ACTION)
    .where('subject', '=', subject)
    .where('outcome', '=', 'done')
    .orderBy('seq', 'desc')
    .limit(1)
  if (actor.agencyId !== undefined) query = query.where('agency_id', '=', actor.agencyId)
  const row = await query.executeTakeFirst()
  if (row === undefined) return undefined
  const { details } = checkedRow('audit_event', row, String(row.seq))
  return checkpointSchema.parse(JSON.parse(details ?? '{}'))
}

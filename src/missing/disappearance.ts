import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { RecordBasis } from '../contract/missing-words.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { DisappearanceTable } from '../store/tables/missing-tables.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { ensureRecord, findStandingPerson } from '../people/person-scope.ts'

/** How somebody went missing or was found, on what the record rests, and how long it is kept. */
export interface DisappearanceFacts {
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  lastSeenOn: string | null
  lastSeenPlace: string | null
  marks: string | null
  clothing: string | null
  circumstances: string | null
  /** Addresses that another register named, one a line; nothing is fetched from them. */
  photoUrls: string | null
  basis: RecordBasis
  /** Who consented and when, or under what law. */
  basisDetail: string
  /** Whether these facts may be shown in public. */
  mayPublish: boolean
  /** YYYY-MM-DD: the record of the person is erased after this day. */
  keepUntil: string | null
}

/** @returns undefined when nobody wrote down anything yet */
export async function findDisappearance(db: Db, personId: string): Promise<DisappearanceTable | undefined> {
  const row = await db.selectFrom('disappearance').selectAll().where('id', '=', personId).executeTakeFirst()
  return row && checkedRow('disappearance', row, personId)
}

/**
 * Writes down how a person went missing or was found, in place of what stood there. The audit event says which facts
 * there are, not what they say.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a record that was merged away
 */
export async function saveDisappearance(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: DisappearanceFacts & { personId: string },
): Promise<DisappearanceTable> {
  authorize(actor, 'person.change')
  return ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.personId)
    await ensureRecord(tx, actor, known)
    return writeDisappearance(tx, actor, { ...input, agencyId: known.person.agency_id })
  })
}

/** The same inside a transaction, for a person that stands. */
export async function writeDisappearance(
  tx: Tx,
  actor: AccountActor,
  { personId, agencyId, ...facts }: DisappearanceFacts & { personId: string; agencyId: string },
): Promise<DisappearanceTable> {
  const columns = {
    last_seen_on: facts.lastSeenOn,
    last_seen_place: facts.lastSeenPlace,
    marks: facts.marks,
    clothing: facts.clothing,
    circumstances: facts.circumstances,
    photo_urls: facts.photoUrls,
    basis: facts.basis,
    basis_detail: facts.basisDetail,
    may_publish: facts.mayPublish ? 1 : 0,
    keep_until: facts.keepUntil,
    changed_by: actor.name,
    changed_at: nowIso(),
  }
  let row = await changeRow(tx, 'disappearance', personId, columns)
  if (row === undefined) {
    row = withDigest('disappearance', { id: personId, agency_id: agencyId, ...columns })
    await tx.insertInto('disappearance').values(row).execute()
  }
  const fields = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [name]))
  await appendAuditEvent(tx, actor, {
    action: 'person.disappearance',
    agencyId,
    subject: `person ${personId}`,
    details: { fields: fields.join(' '), basis: facts.basis, mayPublish: facts.mayPublish },
  })
  return row
}

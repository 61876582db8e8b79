import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { PersonChangeTable } from '../store/tables/person-tables.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { isDesignated } from './designation.ts'
import { moveBack, moveBelongings, moveLinks, type MovedLinks } from './move-links.ts'
import { ensureRecord, findStandingPerson } from './person-scope.ts'
import { showPerson, type PersonDetails } from './show-person.ts'
import { writePerson } from './save-person.ts'

/**
 * [Note: merge and split]
 * Both move links of faces from one person to another and retire or make a record; nothing is deleted. A merge retires
 * the record it moves from, and takes its photos, contacts, enquiries and standing
 * searches along; a split makes the record it moves to. Each is a row that says which links moved, so each can
 * be undone, the later one first. What was written down of the retired person stays with its record, and is there again
 * when the merge is undone.
 */

const WHOLE_NAME = { kind: 'main', given: undefined, patronymic: undefined, family: undefined } as const
const NOTHING_ELSE_KNOWN = {
  birthDate: undefined,
  birthApproximate: undefined,
  affiliation: undefined,
  note: undefined,
  anteMortem: undefined,
  postMortem: undefined,
}

/** Merges another record of the same human being into this one. @throws AppError `not_found`, `conflict` */
export async function mergePeople(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; otherId: string; reason: string },
): Promise<PersonDetails> {
  authorize(actor, 'person.merge')
  if (input.id === input.otherId) throw new AppError('bad_input', 'Expected two different persons.')
  await ctx.store.db.transaction().execute(async (tx) => {
    await ensureRecord(tx, actor, await findStandingPerson(tx, actor, input.id))
    const other = await findStandingPerson(tx, actor, input.otherId)
    await ensureRecord(tx, actor, other)
    if (!(await isDesignated(tx, input.id)))
      throw new AppError(
        'conflict',
        'The record that would stay has neither a name nor a number. Give it one first, or merge it into the other.',
      )
    const links = await tx
      .selectFrom('person_face')
      .selectAll()
      .where('person_id', '=', input.otherId)
      .execute()
    const moved = {
      ...(await moveLinks(tx, links, input.id)),
      belongings: await moveBelongings(tx, input.otherId, input.id),
    }
    const { reason } = input
    const change = await writeChange(tx, actor, {
      kind: 'merge',
      from_id: input.otherId,
      to_id: input.id,
      moved,
      reason,
    })
    await changeRow(tx, 'person_record', input.otherId, { retired_by: change.id })
    await recordChange(tx, actor, change, moved)
  })
  return showPerson(ctx, actor, { id: input.id })
}

/**
 * Splits faces of somebody else off into a record of their own, under a name or a number as every record.
 * @returns the new person
 * @throws AppError `bad_input` without a name and a number, `not_found` for faces that are not linked, `conflict`
 */
export async function splitPerson(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    id: string
    faces: readonly string[]
    name?: string | undefined
    ref?: string | undefined
    reason: string
  },
): Promise<PersonDetails> {
  authorize(actor, 'person.merge')
  const newPersonId = await ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.id)
    const { status } = await ensureRecord(tx, actor, known)
    const faces = [...new Set(input.faces)]
    const links = await tx
      .selectFrom('person_face')
      .selectAll()
      .where('person_id', '=', input.id)
      .where('face_id', 'in', faces)
      .execute()
    if (links.length !== faces.length) {
      throw new AppError('not_found', 'Some of these faces are not linked with this person.')
    }
    const { agency_id: agencyId } = known.person
    const personId = await writePerson(tx, actor, agencyId, {
      ...NOTHING_ELSE_KNOWN,
      ref: input.ref,
      names: input.name === undefined ? undefined : [{ ...WHOLE_NAME, written: input.name }],
      status,
    })
    const moved = await moveLinks(tx, links, personId)
    const { reason } = input
    const change = await writeChange(tx, actor, {
      kind: 'split',
      from_id: input.id,
      to_id: personId,
      moved,
      reason,
    })
    await recordChange(tx, actor, change, moved)
    return personId
  })
  return showPerson(ctx, actor, { id: newPersonId })
}

/**
 * Undoes a merge or split.
 * @returns the person that faces went back to
 * @throws AppError `not_found`, `conflict` when it is undone already or a later change stands on it
 */
export async function undoChange(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<PersonDetails> {
  authorize(actor, 'person.merge')
  const agencyId = agencyOf(actor)
  const personId = await ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('person_change')
      .selectAll()
      .where('id', '=', input.id)
      .where('agency_id', '=', agencyId)
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'Your agency has no such merge or split.')
    const change = checkedRow('person_change', row, row.id)
    if (change.undone_at !== null) throw new AppError('conflict', 'This was undone already.')
    // The record that faces moved to must still stand; for a split, so must the one that they go back to.
    await findStandingPerson(tx, actor, change.to_id)
    if (change.kind === 'split') await findStandingPerson(tx, actor, change.from_id)
    await moveBack(tx, JSON.parse(change.moved) as MovedLinks, change.from_id, change.to_id)
    if (change.kind === 'merge') await changeRow(tx, 'person_record', change.from_id, { retired_by: null })
    else await retireSplit(tx, change)
    await changeRow(tx, 'person_change', change.id, {
      undone_by: actor.name,
      undone_at: nowIso(),
      undo_reason: input.reason,
    })
    await appendAuditEvent(tx, actor, {
      action: `person.undo_${change.kind}`,
      agencyId,
      subject: `person ${change.from_id}`,
      details: { change: change.id, other: change.to_id },
    })
    return change.from_id
  })
  return showPerson(ctx, actor, { id: personId })
}

/** The record that a split made goes with it, unless it has come to hold more. */
async function retireSplit(tx: Tx, change: PersonChangeTable): Promise<void> {
  const rest = await tx
    .selectFrom('person_face')
    .select('id')
    .where('person_id', '=', change.to_id)
    .executeTakeFirst()
  if (rest !== undefined) {
    throw new AppError('conflict', 'Faces were linked with the new record since. Move or unlink them first.')
  }
  await changeRow(tx, 'person_record', change.to_id, { retired_by: change.id })
}

async function writeChange(
  tx: Tx,
  actor: AccountActor,
  {
    moved,
    ...change
  }: Pick<PersonChangeTable, 'kind' | 'from_id' | 'to_id' | 'reason'> & { moved: MovedLinks },
): Promise<PersonChangeTable> {
  const agencyId = agencyOf(actor)
  const row = withDigest('person_change', {
    id: newId(),
    agency_id: agencyId,
    ...change,
    moved: JSON.stringify(moved),
    changed_by: actor.name,
    changed_at: nowIso(),
    undone_by: null,
    undone_at: null,
    undo_reason: null,
  })
  await tx.insertInto('person_change').values(row).execute()
  return row
}

async function recordChange(
  tx: Tx,
  actor: AccountActor,
  change: PersonChangeTable,
  { moved, doubled }: MovedLinks,
): Promise<void> {
  await appendAuditEvent(tx, actor, {
    action: `person.${change.kind}`,
    agencyId: change.agency_id,
    subject: `person ${change.kind === 'merge' ? change.to_id : change.from_id}`,
    details: {
      change: change.id,
      other: change.kind === 'merge' ? change.from_id : change.to_id,
      faces: moved.length + doubled.length,
    },
  })
}

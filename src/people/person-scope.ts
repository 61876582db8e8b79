import type { AccountActor } from '../actor/actor.ts'
import { agencyOf } from '../actor/policy.ts'
import { peopleKeptBlind } from '../actor/blind-scope.ts'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { PersonRecordTable } from '../store/tables/person-tables.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { PersonTable } from '../store/tables/person-tables.ts'

/** A person as the record has them; `record` undefined for those that only an import has named. */
export interface KnownPerson {
  person: PersonTable
  record: PersonRecordTable | undefined
}

/**
 * A person of the actor's agency. @throws AppError `not_found` for those of others too, and for those of a lead that the actor
 * verifies, see [Note: blind verification]
 */
export async function findPerson(db: Db, actor: AccountActor, id: string): Promise<KnownPerson> {
  const person = await db
    .selectFrom('person')
    .selectAll()
    .where('id', '=', id)
    .where('agency_id', '=', agencyOf(actor))
    .where('id', 'not in', peopleKeptBlind(db, actor.accountId))
    .executeTakeFirst()
  if (person === undefined) throw new AppError('not_found', 'Your agency has no such person.')
  const record = await db.selectFrom('person_record').selectAll().where('id', '=', id).executeTakeFirst()
  return {
    person: checkedRow('person', person, id),
    record: record && checkedRow('person_record', record, id),
  }
}

/** The same, when the person still stands. @throws AppError `conflict` for one that was merged away */
export async function findStandingPerson(db: Db, actor: AccountActor, id: string): Promise<KnownPerson> {
  const known = await findPerson(db, actor, id)
  if ((known.record?.retired_by ?? null) !== null) {
    throw new AppError('conflict', 'This record was merged into another one or its split was undone.')
  }
  return known
}

/** The person's record; made when only an import has named the person so far: from then on people keep it. */
export async function ensureRecord(
  tx: Tx,
  actor: AccountActor,
  { person, record }: KnownPerson,
): Promise<PersonRecordTable> {
  if (record !== undefined) return record
  const row = withDigest('person_record', {
    id: person.id,
    agency_id: person.agency_id,
    status: 'of_interest' as const,
    birth_date: null,
    birth_approximate: 0,
    affiliation: null,
    note: null,
    ante_mortem: '[]',
    post_mortem: '[]',
    retired_by: null,
    changed_by: actor.name,
    changed_at: nowIso(),
  })
  await tx.insertInto('person_record').values(row).execute()
  return row
}

import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent, recordEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findPerson, findStandingPerson } from '../people/person-scope.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { PersonContactTable } from '../store/tables/missing-tables.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'

/** Contacts of one person, at most. */
const MAX_CONTACTS = 30

export type ContactFacts = Pick<
  PersonContactTable,
  'name' | 'relation' | 'telephone' | 'email' | 'address' | 'note'
>

/** Whom to turn to about a person; for liaison only, and each look is written down. @throws AppError `not_found` */
export async function listContacts(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { personId: string },
): Promise<PersonContactTable[]> {
  authorize(actor, 'contact.read')
  const { db } = ctx.store
  const { person } = await findPerson(db, actor, input.personId)
  const rows = await db
    .selectFrom('person_contact')
    .selectAll()
    .where('person_id', '=', person.id)
    .orderBy('id')
    .execute()
  await recordEvent(db, actor, {
    action: 'contact.look',
    agencyId: person.agency_id,
    subject: `person ${person.id}`,
    details: { contacts: rows.length },
  })
  return rows.map((row) => checkedRow('person_contact', row, row.id))
}

/** @throws AppError `not_found`, `conflict` for a record that was merged away, `limit_exceeded` */
export async function addContact(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: ContactFacts & { personId: string },
): Promise<void> {
  authorize(actor, 'contact.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const { person } = await findStandingPerson(tx, actor, input.personId)
    await writeContact(tx, actor, { ...input, agencyId: person.agency_id })
  })
}

/** The same inside a transaction. */
export async function writeContact(
  tx: Tx,
  actor: AccountActor,
  { personId, agencyId, ...facts }: ContactFacts & { personId: string; agencyId: string },
): Promise<void> {
  const { count } = await tx
    .selectFrom('person_contact')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow()
  if (count >= MAX_CONTACTS)
    throw new AppError('limit_exceeded', `A person may have ${MAX_CONTACTS} contacts; remove one first.`)
  const row = withDigest('person_contact', {
    id: newId(),
    person_id: personId,
    agency_id: agencyId,
    name: facts.name,
    relation: facts.relation,
    telephone: facts.telephone,
    email: facts.email,
    address: facts.address,
    note: facts.note,
    added_by: actor.name,
    added_at: nowIso(),
  })
  await tx.insertInto('person_contact').values(row).execute()
  await appendAuditEvent(tx, actor, {
    action: 'contact.add',
    agencyId,
    subject: `person ${personId}`,
    details: { contact: row.id },
  })
}

/** @throws AppError `not_found` */
export async function removeContact(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { personId: string; contactId: string },
): Promise<void> {
  authorize(actor, 'contact.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const { person } = await findPerson(tx, actor, input.personId)
    const { numDeletedRows } = await tx
      .deleteFrom('person_contact')
      .where('id', '=', input.contactId)
      .where('person_id', '=', person.id)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found', 'This person has no such contact.')
    await appendAuditEvent(tx, actor, {
      action: 'contact.remove',
      agencyId: person.agency_id,
      subject: `person ${person.id}`,
      details: { contact: input.contactId },
    })
  })
}

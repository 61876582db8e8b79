import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { DviEntry } from '../contract/dvi-form.ts'
import type { PersonStatus } from '../contract/person-words.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { PersonNameTable } from '../store/tables/person-tables.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { requireDesignation } from './designation.ts'
import { indexNames } from './name-index.ts'
import { ensureRecord, findStandingPerson } from './person-scope.ts'
import { scriptOf } from './romanise.ts'
import { showPerson, type PersonDetails } from './show-person.ts'

/** A name as it is given: its parts, or the whole. */
export interface NameInput {
  kind: PersonNameTable['kind']
  given: string | undefined
  patronymic: string | undefined
  family: string | undefined
  /** The whole name as it is written; made of the parts, family name first, when it is not given. */
  written: string | undefined
}

/** What people write down about a person; what is undefined stays as it is. */
export interface PersonInput {
  ref: string | null | undefined
  names: readonly NameInput[] | undefined
  status: PersonStatus | undefined
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  birthDate: string | null | undefined
  birthApproximate: boolean | undefined
  affiliation: string | null | undefined
  note: string | null | undefined
  anteMortem: readonly DviEntry[] | undefined
  postMortem: readonly DviEntry[] | undefined
}

/** Opens a record of a person of the agency. @throws AppError `conflict` for a reference that is taken, `bad_input` without a name and a number */
export async function createPerson(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: PersonInput & { status: PersonStatus },
): Promise<PersonDetails> {
  authorize(actor, 'person.change')
  const agencyId = agencyOf(actor)
  const id = await ctx.store.db.transaction().execute((tx) => writePerson(tx, actor, agencyId, input))
  return showPerson(ctx, actor, { id })
}

/** An empty record of the agency. @returns the new person's id */
async function openRecord(tx: Tx, actor: AccountActor, agencyId: string): Promise<string> {
  const person = withDigest('person', {
    id: newId(),
    agency_id: agencyId,
    ref: null,
    name: null,
    created_at: nowIso(),
    created_by: actor.name,
  })
  await tx.insertInto('person').values(person).execute()
  await ensureRecord(tx, actor, { person, record: undefined })
  return person.id
}

/** The same as `createPerson` inside a transaction. @returns the new person's id */
export async function writePerson(
  tx: Tx,
  actor: AccountActor,
  agencyId: string,
  input: PersonInput & { status: PersonStatus },
): Promise<string> {
  const id = await openRecord(tx, actor, agencyId)
  await write(tx, actor, id, agencyId, input, 'person.create')
  return id
}

/** Changes what people wrote down about a person. The audit event says which fields, not what stands in them. */
export async function changePerson(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: PersonInput & { id: string },
): Promise<PersonDetails> {
  authorize(actor, 'person.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.id)
    await ensureRecord(tx, actor, known)
    await write(tx, actor, input.id, known.person.agency_id, input, 'person.change')
  })
  return showPerson(ctx, actor, { id: input.id })
}

async function write(
  tx: Tx,
  actor: AccountActor,
  id: string,
  agencyId: string,
  input: PersonInput,
  action: 'person.create' | 'person.change',
): Promise<void> {
  const { ref, names, status, birthDate, birthApproximate, affiliation, note, anteMortem, postMortem } = input
  if (ref !== undefined) await setReference(tx, agencyId, id, ref)
  if (names !== undefined) await replaceNames(tx, actor, id, names)
  // Of an older record without either, the rest may be changed; it cannot be signed.
  if (action === 'person.create' || ref !== undefined || names !== undefined) await requireDesignation(tx, id)
  await changeRow(tx, 'person_record', id, {
    ...(status === undefined ? {} : { status }),
    ...(birthDate === undefined ? {} : { birth_date: birthDate }),
    ...(birthApproximate === undefined ? {} : { birth_approximate: birthApproximate ? 1 : 0 }),
    ...(affiliation === undefined ? {} : { affiliation }),
    ...(note === undefined ? {} : { note }),
    ...(anteMortem === undefined ? {} : { ante_mortem: JSON.stringify(anteMortem) }),
    ...(postMortem === undefined ? {} : { post_mortem: JSON.stringify(postMortem) }),
    changed_by: actor.name,
    changed_at: nowIso(),
  })
  await indexNames(tx, agencyId, id)
  const fields = Object.entries(input).flatMap(([name, value]) =>
    value === undefined || name === 'id' ? [] : [name],
  )
  await appendAuditEvent(tx, actor, {
    action,
    agencyId,
    subject: `person ${id}`,
    details: { fields: fields.join(' '), ...(status === undefined ? {} : { status }) },
  })
}

async function setReference(tx: Tx, agencyId: string, id: string, ref: string | null): Promise<void> {
  const taken =
    ref === null
      ? undefined
      : await tx
          .selectFrom('person')
          .select('id')
          .where('agency_id', '=', agencyId)
          .where('ref', '=', ref)
          .where('id', '!=', id)
          .executeTakeFirst()
  if (taken !== undefined) throw new AppError('conflict', `Your agency has a person ${ref} already.`)
  await changeRow(tx, 'person', id, { ref })
}

async function replaceNames(
  tx: Tx,
  actor: AccountActor,
  personId: string,
  names: readonly NameInput[],
): Promise<void> {
  await tx.deleteFrom('person_name').where('person_id', '=', personId).execute()
  for (const { kind, given, patronymic, family, written } of names) {
    const whole = (
      written ?? [family, given, patronymic].filter((part) => part !== undefined).join(' ')
    ).trim()
    if (whole === '') throw new AppError('bad_input', 'Expected a name with at least one part.')
    const row = withDigest('person_name', {
      id: newId(),
      person_id: personId,
      kind,
      given: given ?? null,
      patronymic: patronymic ?? null,
      family: family ?? null,
      written: whole,
      script: scriptOf(whole),
      added_by: actor.name,
      added_at: nowIso(),
    })
    await tx.insertInto('person_name').values(row).execute()
  }
}

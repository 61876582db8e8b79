import { sql } from 'kysely'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent, recordEvent } from '../audit/append-event.ts'
import { peopleKeptBlind } from '../actor/blind-scope.ts'
import type { Context } from '../context.ts'
import type { EnquiryChannel, EnquiryState } from '../contract/missing-words.ts'
import { AppError } from '../errors.ts'
import { namesOf } from '../store/person-names.ts'
import { findStandingPerson } from '../people/person-scope.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { EnquiryAnswerTable, EnquiryTable } from '../store/tables/missing-tables.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'

/**
 * [Note: enquiries]
 * What families ask, written down by liaison, and the answers that were given, by whom and how: by letter, by telephone,
 * through the national bureau. The system sends nothing and shows the enquirer nothing. An enquiry knows the person who
 * is sought and nothing of searches, candidates, alerts or examinations; whoever answers decides what may be said.
 */

/** An enquiry as lists show it. */
export interface ListedEnquiry extends EnquiryTable {
  /** What the person is called; empty when nobody knows. */
  personNames: string[]
}

export interface ShownEnquiry extends ListedEnquiry {
  answers: EnquiryAnswerTable[]
}

export interface NewEnquiry {
  personId: string
  enquirer: string
  relation: string
  telephone: string | null
  email: string | null
  address: string | null
  /** YYYY-MM-DD. */
  receivedOn: string
  channel: EnquiryChannel
  question: string
}

/** Digits of an enquiry's number within its year. */
const NUMBER_DIGITS = 4

/** Enquiries of the agency, newest first. */
export async function listEnquiries(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    state: EnquiryState | undefined
    personId: string | undefined
    before: string | undefined
    limit: number
  },
): Promise<ListedEnquiry[]> {
  authorize(actor, 'enquiry.read')
  const { db } = ctx.store
  let query = db
    .selectFrom('enquiry')
    .selectAll()
    .where('agency_id', '=', agencyOf(actor))
    .where('person_id', 'not in', peopleKeptBlind(db, actor.accountId))
    .orderBy('id', 'desc')
    .limit(input.limit)
  if (input.state !== undefined) query = query.where('state', '=', input.state)
  if (input.personId !== undefined) query = query.where('person_id', '=', input.personId)
  if (input.before !== undefined) query = query.where('id', '<', input.before)
  const rows = await query.execute()
  await recordEvent(db, actor, {
    action: 'enquiry.list',
    agencyId: actor.agencyId,
    subject: undefined,
    details: { enquiries: rows.length },
  })
  return withNames(db, rows)
}

/** One enquiry with its answers; the look is written down. @throws AppError `not_found` */
export async function showEnquiry(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ShownEnquiry> {
  authorize(actor, 'enquiry.read')
  const { db } = ctx.store
  const row = await findEnquiry(db, actor, input.id)
  const answers = await db
    .selectFrom('enquiry_answer')
    .selectAll()
    .where('enquiry_id', '=', row.id)
    .orderBy('id')
    .execute()
  await recordEvent(db, actor, {
    action: 'enquiry.look',
    agencyId: row.agency_id,
    subject: `enquiry ${row.id}`,
    details: { answers: answers.length },
  })
  const [named] = await withNames(db, [row])
  return { ...named, answers: answers.map((answer) => checkedRow('enquiry_answer', answer, answer.id)) }
}

/** Writes down what somebody asks. It gets the agency's next number of the year. @throws AppError `not_found`, `conflict` */
export async function openEnquiry(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: NewEnquiry,
): Promise<ShownEnquiry> {
  authorize(actor, 'enquiry.change')
  const agencyId = agencyOf(actor)
  const id = await ctx.store.db.transaction().execute(async (tx) => {
    await findStandingPerson(tx, actor, input.personId)
    const at = nowIso()
    const row = withDigest('enquiry', {
      id: newId(),
      agency_id: agencyId,
      number: await nextNumber(tx, agencyId, at.slice(0, 4)),
      person_id: input.personId,
      enquirer: input.enquirer,
      relation: input.relation,
      telephone: input.telephone,
      email: input.email,
      address: input.address,
      received_on: input.receivedOn,
      channel: input.channel,
      question: input.question,
      state: 'open' as const,
      opened_by: actor.name,
      opened_at: at,
      changed_by: actor.name,
      changed_at: at,
    })
    await tx.insertInto('enquiry').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'enquiry.open',
      agencyId,
      subject: `enquiry ${row.id}`,
      details: { person: row.person_id, number: row.number, channel: row.channel },
    })
    return row.id
  })
  return showEnquiry(ctx, actor, { id })
}

/**
 * Writes down an answer that was given outside the system, and by whom.
 * @throws AppError `not_found`, `conflict` for an enquiry that is closed, `bad_input` for an answer before the question
 */
export async function recordAnswer(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; answer: string; givenBy: string; givenOn: string; channel: EnquiryChannel },
): Promise<ShownEnquiry> {
  authorize(actor, 'enquiry.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const enquiry = await findEnquiry(tx, actor, input.id)
    if (enquiry.state === 'closed')
      throw new AppError('conflict', 'This enquiry is closed. Open it again before an answer is recorded.')
    if (input.givenOn < enquiry.received_on)
      throw new AppError('bad_input', `Expected a day of the answer from ${enquiry.received_on} on.`)
    const row = withDigest('enquiry_answer', {
      id: newId(),
      enquiry_id: enquiry.id,
      answer: input.answer,
      given_by: input.givenBy,
      given_on: input.givenOn,
      channel: input.channel,
      recorded_by: actor.name,
      recorded_at: nowIso(),
    })
    await tx.insertInto('enquiry_answer').values(row).execute()
    await setState(tx, actor, enquiry, 'answered')
    await appendAuditEvent(tx, actor, {
      action: 'enquiry.answer',
      agencyId: enquiry.agency_id,
      subject: `enquiry ${enquiry.id}`,
      details: { answer: row.id, channel: row.channel },
    })
  })
  return showEnquiry(ctx, actor, { id: input.id })
}

/** Closes an enquiry, or opens it again. @throws AppError `not_found`, `conflict` when it is so already */
export async function changeEnquiryState(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; state: 'open' | 'closed'; reason: string },
): Promise<ShownEnquiry> {
  authorize(actor, 'enquiry.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const enquiry = await findEnquiry(tx, actor, input.id)
    if ((enquiry.state === 'closed') === (input.state === 'closed'))
      throw new AppError('conflict', `This enquiry is ${enquiry.state} already.`)
    await setState(tx, actor, enquiry, input.state)
    await appendAuditEvent(tx, actor, {
      action: input.state === 'closed' ? 'enquiry.close' : 'enquiry.reopen',
      agencyId: enquiry.agency_id,
      subject: `enquiry ${enquiry.id}`,
      details: { reason: input.reason },
    })
  })
  return showEnquiry(ctx, actor, { id: input.id })
}

async function findEnquiry(db: Db, actor: AccountActor, id: string): Promise<EnquiryTable> {
  const row = await db
    .selectFrom('enquiry')
    .selectAll()
    .where('id', '=', id)
    .where('agency_id', '=', agencyOf(actor))
    .where('person_id', 'not in', peopleKeptBlind(db, actor.accountId))
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency has no such enquiry.')
  return checkedRow('enquiry', row, id)
}

/** One more than the last that was given out in the year: no number is given out twice, whatever was erased. */
async function nextNumber(tx: Tx, agencyId: string, year: string): Promise<string> {
  const { last } = await tx
    .insertInto('enquiry_number')
    .values({ agency_id: agencyId, year, last: 1 })
    .onConflict((conflict) =>
      conflict.columns(['agency_id', 'year']).doUpdateSet((row) => ({
        last: sql<number>`${row.ref('enquiry_number.last')} + 1`,
      })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return `${year}-${String(last).padStart(NUMBER_DIGITS, '0')}`
}

async function setState(
  tx: Tx,
  actor: AccountActor,
  { id }: EnquiryTable,
  state: EnquiryState,
): Promise<void> {
  await changeRow(tx, 'enquiry', id, { state, changed_by: actor.name, changed_at: nowIso() })
}

async function withNames(db: Db, rows: readonly EnquiryTable[]): Promise<ListedEnquiry[]> {
  const names = await namesOf(db, [...new Set(rows.map((row) => row.person_id))])
  return rows.map((row) => ({
    ...checkedRow('enquiry', row, row.id),
    personNames: names.get(row.person_id) ?? [],
  }))
}

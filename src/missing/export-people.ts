import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { peopleKeptBlind } from '../actor/blind-scope.ts'
import type { Context } from '../context.ts'
import type { DviEntry } from '../contract/dvi-form.ts'
import type { PersonStatus } from '../contract/person-words.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { writePeopleCsv, writePfif, type WrittenPerson } from './people-file/write-people.ts'

/** People of one export, at most. */
const MAX_EXPORTED = 20_000
/** Rows looked up at once. */
const PAGE_ROWS = 200
/**
 * Statuses that may go to public registers, which PFIF is for. What became of others is told by the national bureau or the
 * Central Tracing Agency, never by a file.
 */
const PUBLIC_STATUSES: readonly PersonStatus[] = ['missing', 'displaced']

/**
 * People of the agency with a status, as CSV or PFIF 1.4, without contacts, photos and enquiries. The export is written
 * into the audit log.
 * @throws AppError `not_allowed`, `bad_input` for PFIF of people who are not missing or displaced, `limit_exceeded`
 */
export async function exportPeople(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { format: 'csv' | 'pfif'; status: PersonStatus; domain: string },
): Promise<string> {
  authorize(actor, 'person.export')
  const agencyId = agencyOf(actor)
  if (input.format === 'pfif' && !PUBLIC_STATUSES.includes(input.status)) {
    throw new AppError(
      'bad_input',
      `PFIF goes to public registers: only people who are ${PUBLIC_STATUSES.join(' or ')} are exported as PFIF. Use CSV.`,
    )
  }
  const { db } = ctx.store
  const people = await readPeople(db, actor, input.status)
  await recordEvent(db, actor, {
    action: 'people.export',
    agencyId,
    subject: undefined,
    details: { format: input.format, status: input.status, people: people.length },
  })
  if (input.format === 'csv') return writePeopleCsv(people)
  const { name: agency } = await db
    .selectFrom('agency')
    .select('name')
    .where('id', '=', agencyId)
    .executeTakeFirstOrThrow()
  return writePfif(people, { domain: input.domain, agency })
}

async function readPeople(db: Db, actor: AccountActor, status: PersonStatus): Promise<WrittenPerson[]> {
  const people: WrittenPerson[] = []
  let after = ''
  for (;;) {
    const rows = await db
      .selectFrom('person_record')
      .selectAll()
      .where('agency_id', '=', agencyOf(actor))
      .where('id', 'not in', peopleKeptBlind(db, actor.accountId))
      .where('status', '=', status)
      .where('retired_by', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE_ROWS)
      .execute()
    if (rows.length === 0) return people
    after = rows[rows.length - 1].id
    if (people.length + rows.length > MAX_EXPORTED) {
      throw new AppError('limit_exceeded', `More than ${MAX_EXPORTED} people have this status.`)
    }
    const ids = rows.map(({ id }) => id)
    const persons = await db.selectFrom('person').selectAll().where('id', 'in', ids).execute()
    const names = await db
      .selectFrom('person_name')
      .selectAll()
      .where('person_id', 'in', ids)
      .orderBy('id')
      .execute()
    const facts = await db.selectFrom('disappearance').selectAll().where('id', 'in', ids).execute()
    for (const found of rows) {
      const record = checkedRow('person_record', found, found.id)
      const person = persons.find(({ id }) => id === record.id)!
      const disappearance = facts.find(({ id }) => id === record.id)
      const known = disappearance && checkedRow('disappearance', disappearance, record.id)
      const form = JSON.parse(record.ante_mortem) as DviEntry[]
      people.push({
        id: record.id,
        createdAt: person.created_at,
        changedAt: record.changed_at,
        ref: person.ref ?? undefined,
        names: names
          .filter((name) => name.person_id === record.id)
          .map((name) => ({
            kind: name.kind,
            given: name.given ?? undefined,
            patronymic: name.patronymic ?? undefined,
            family: name.family ?? undefined,
            written: name.written,
          })),
        status: record.status,
        birthDate: record.birth_date ?? undefined,
        birthApproximate: record.birth_approximate === 1,
        sex: form.find(({ field }) => field === 'sex')?.value,
        homeAddress: undefined,
        affiliation: record.affiliation ?? undefined,
        lastSeenOn: known?.last_seen_on ?? undefined,
        lastSeenPlace: known?.last_seen_place ?? undefined,
        marks: known?.marks ?? undefined,
        clothing: known?.clothing ?? undefined,
        circumstances: known?.circumstances ?? undefined,
        photoUrls: known?.photo_urls ?? undefined,
        basis: known?.basis,
        basisDetail: known?.basis_detail,
        keepUntil: known?.keep_until ?? undefined,
        note: record.note ?? undefined,
      })
    }
  }
}

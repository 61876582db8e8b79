import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { DviEntry } from '../contract/dvi-form.ts'
import type { RecordBasis } from '../contract/missing-words.ts'
import type { PersonStatus } from '../contract/person-words.ts'
import { AppError } from '../errors.ts'
import { writePerson } from '../people/save-person.ts'
import type { Tx } from '../store/database/db.ts'
import { writeContact } from './contacts.ts'
import { writeDisappearance } from './disappearance.ts'
import type { PersonRow, ReadRow } from './people-file/person-row.ts'
import { readPeopleFile } from './people-file/read-people-file.ts'
import { today } from '../contract/dates.ts'

/** Rows written in one transaction: others wait no longer than that for the record. */
const ROWS_A_TRANSACTION = 20
const RETRY_AFTER_SECONDS = 5
/** Agencies whose file this process is reading: one of each at a time, so that none takes all the processor. */
const underWay = new Set<string>()

export interface ImportPeopleInput {
  bytes: Uint8Array
  /** For rows that say none of their own. */
  status: PersonStatus
  basis: RecordBasis
  basisDetail: string
  /** Says what would come of each row, and changes nothing. */
  dryRun: boolean
  signal: AbortSignal
}

/**
 * What came of a row. `held`: the agency has a person of that reference; nothing of it was changed. `refused`: nothing was
 * taken, with the reason.
 */
export interface ImportedRow {
  row: number
  ref: string | null
  name: string | null
  outcome: 'created' | 'held' | 'refused'
  personId: string | null
  reason: string | null
}

export interface ImportedPeople {
  format: 'csv' | 'pfif'
  created: number
  held: number
  refused: number
  /** Contacts that were left out because the account may not write them: that is for liaison. */
  contactsLeftOut: number
  rows: ImportedRow[]
}

/**
 * Takes people from a file, CSV or PFIF 1.1 to 1.4. Each becomes a record of its own with names, facts and, from liaison, the
 * contact. The same file again makes nobody twice: a reference that the agency has is left as it is. What a cut-off import
 * had taken in stays.
 * @throws AppError `not_allowed`, `bad_input`, `limit_exceeded`, `busy` while another file of the agency is read
 */
export async function importPeople(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: ImportPeopleInput,
): Promise<ImportedPeople> {
  authorize(actor, 'person.import')
  const agencyId = agencyOf(actor)
  if (underWay.has(agencyId)) {
    throw new AppError(
      'busy',
      'Another file of people of your agency is being read. Nothing was taken; send this one after it.',
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    )
  }
  underWay.add(agencyId)
  try {
    return await takeFile(ctx, actor, agencyId, input)
  } finally {
    underWay.delete(agencyId)
  }
}

async function takeFile(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  agencyId: string,
  input: ImportPeopleInput,
): Promise<ImportedPeople> {
  const { format, rows } = await readPeopleFile(input.bytes, today(), input.signal)
  const result: ImportedPeople = { format, created: 0, held: 0, refused: 0, contactsLeftOut: 0, rows: [] }
  const seen = new Set<string>()
  for (let at = 0; at < rows.length && !input.signal.aborted; at += ROWS_A_TRANSACTION) {
    const part = rows.slice(at, at + ROWS_A_TRANSACTION)
    await ctx.store.db.transaction().execute(async (tx) => {
      const done: ImportedRow[] = []
      for (const row of part) done.push(await takeRow(tx, actor, agencyId, row, seen, input))
      if (!input.dryRun) await writeDown(tx, actor, agencyId, format, done)
      result.rows.push(...done)
    })
  }
  for (const { outcome } of result.rows) result[outcome] += 1
  if (!actor.permissions.has('contact.change')) {
    const created = new Set(result.rows.flatMap((row) => (row.outcome === 'created' ? [row.row] : [])))
    result.contactsLeftOut = rows.filter(
      (row) => row.ok && row.person.contact !== undefined && created.has(row.person.row),
    ).length
  }
  return result
}

async function takeRow(
  tx: Tx,
  actor: AccountActor,
  agencyId: string,
  read: ReadRow,
  seen: Set<string>,
  input: ImportPeopleInput,
): Promise<ImportedRow> {
  const none = { ref: null, name: null, personId: null }
  if (!read.ok) return { ...none, row: read.row, outcome: 'refused', reason: read.reason }
  const { person } = read
  const { row, ref } = person
  const main = person.names[0] as PersonRow['names'][number] | undefined
  const name =
    main?.written ??
    ([main?.family, main?.given, main?.patronymic].filter((part) => part !== undefined).join(' ') || null)
  const line = { ...none, row, ref: ref ?? null, name, reason: null }
  if (name === null && ref === undefined)
    return { ...line, outcome: 'refused', reason: 'The row has neither a name nor a reference.' }
  if (ref !== undefined) {
    if (seen.has(ref))
      return { ...line, outcome: 'refused', reason: `The file has the reference ${ref} twice.` }
    seen.add(ref)
    const held = await tx
      .selectFrom('person')
      .select('id')
      .where('agency_id', '=', agencyId)
      .where('ref', '=', ref)
      .executeTakeFirst()
    if (held !== undefined) return { ...line, outcome: 'held', personId: held.id }
  }
  if (input.dryRun) return { ...line, outcome: 'created' }
  return { ...line, outcome: 'created', personId: await createRow(tx, actor, agencyId, person, input) }
}

async function createRow(
  tx: Tx,
  actor: AccountActor,
  agencyId: string,
  person: PersonRow,
  { status, basis, basisDetail }: ImportPeopleInput,
): Promise<string> {
  const form: DviEntry[] = []
  if (person.sex !== undefined) form.push({ section: 'personal_data', field: 'sex', value: person.sex })
  if (person.homeAddress !== undefined)
    form.push({ section: 'personal_data', field: 'home_address', value: person.homeAddress })
  const personId = await writePerson(tx, actor, agencyId, {
    ref: person.ref,
    names: person.names,
    status: person.status ?? status,
    birthDate: person.birthDate,
    birthApproximate: person.birthApproximate,
    affiliation: person.affiliation,
    note: person.note,
    anteMortem: form,
    postMortem: undefined,
  })
  await writeDisappearance(tx, actor, {
    personId,
    agencyId,
    lastSeenOn: person.lastSeenOn ?? null,
    lastSeenPlace: person.lastSeenPlace ?? null,
    marks: person.marks ?? null,
    clothing: person.clothing ?? null,
    circumstances: person.circumstances ?? null,
    photoUrls: person.photoUrls ?? null,
    basis: person.basis ?? basis,
    basisDetail: person.basisDetail ?? basisDetail,
    // Agreement to show something in public is given for one person at a time.
    mayPublish: false,
    keepUntil: person.keepUntil ?? null,
  })
  if (person.contact !== undefined && actor.permissions.has('contact.change')) {
    const { name, relation, telephone, email, address } = person.contact
    await writeContact(tx, actor, {
      personId,
      agencyId,
      name,
      relation: relation ?? null,
      telephone: telephone ?? null,
      email: email ?? null,
      address: address ?? null,
      note: null,
    })
  }
  return personId
}

async function writeDown(
  tx: Tx,
  actor: AccountActor,
  agencyId: string,
  format: ImportedPeople['format'],
  rows: readonly ImportedRow[],
): Promise<void> {
  const count = (outcome: ImportedRow['outcome']): number =>
    rows.filter((row) => row.outcome === outcome).length
  await appendAuditEvent(tx, actor, {
    action: 'people.import',
    agencyId,
    subject: undefined,
    details: { format, created: count('created'), held: count('held'), refused: count('refused') },
  })
}

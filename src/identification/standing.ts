import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { isPrimaryIdentifier } from '../contract/identification-words.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { CorroborationTable, IdentificationTable } from '../store/tables/identification-tables.ts'
import type {
  ExaminationItemTable,
  ExaminationTable,
  VerificationTable,
} from '../store/tables/examination-tables.ts'
import type { UnblindingTable } from '../store/tables/blind-tables.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { stateOf, type StandingFacts } from './state-of.ts'

/** An examination with the faces it compares. */
export interface ExaminationWork {
  examination: ExaminationTable
  items: ExaminationItemTable[]
}

/** Everything that stands about an identification. */
export interface Standing {
  identification: IdentificationTable
  /** First examinations and verifiers', oldest first. */
  examinations: ExaminationWork[]
  verifications: VerificationTable[]
  corroborations: CorroborationTable[]
  /** What came back of its line-ups while they were open, oldest first: these are void. */
  unblindings: UnblindingTable[]
}

/** Reads all of it, each row checked. @throws AppError `corrupt_record` */
export async function readStanding(db: Db, identification: IdentificationTable): Promise<Standing> {
  const { id } = identification
  const examinations = await db
    .selectFrom('examination')
    .selectAll()
    .where('identification_id', '=', id)
    .orderBy('id')
    .execute()
  const items = await db
    .selectFrom('examination_item')
    .selectAll()
    .where(
      'examination_id',
      'in',
      examinations.map((row) => row.id),
    )
    .orderBy('position')
    .execute()
  const verifications = await db
    .selectFrom('verification')
    .selectAll()
    .where('identification_id', '=', id)
    .orderBy('id')
    .execute()
  const corroborations = await db
    .selectFrom('corroboration')
    .selectAll()
    .where('identification_id', '=', id)
    .orderBy('id')
    .execute()
  const unblindings = await db
    .selectFrom('unblinding')
    .selectAll()
    .where('identification_id', '=', id)
    .orderBy('id')
    .execute()
  const checkedItems = items.map((row) => checkedRow('examination_item', row, row.id))
  return {
    identification,
    examinations: examinations.map((row) => ({
      examination: checkedRow('examination', row, row.id),
      items: checkedItems.filter((item) => item.examination_id === row.id),
    })),
    verifications: verifications.map((row) => checkedRow('verification', row, row.id)),
    corroborations: corroborations.map((row) => checkedRow('corroboration', row, row.id)),
    unblindings: unblindings.map((row) => checkedRow('unblinding', row, row.id)),
  }
}

/** The first examination that stands: finished, and superseded by no finished one. */
export function standingFirst({ examinations }: Pick<Standing, 'examinations'>): ExaminationWork | undefined {
  const finished = examinations.filter(
    ({ examination }) => examination.verification_id === null && examination.finished_at !== null,
  )
  const superseded = new Set(finished.map(({ examination }) => examination.supersedes_id))
  return finished.findLast(({ examination }) => !superseded.has(examination.id))
}

/** What the state follows from. */
export function factsOf(standing: Standing): StandingFacts {
  const { identification: row, verifications } = standing
  return {
    withdrawn: row.withdrawn_at !== null,
    signed: row.signed_at !== null,
    closedAs: row.closed_as ?? undefined,
    first: standingFirst(standing)?.items[0]?.conclusion ?? undefined,
    verifications: verifications
      .filter(({ state }) => state === 'finished')
      .toSorted((a, b) => a.round - b.round)
      .map(({ outcome, conclusion }) => ({ outcome: outcome!, conclusion: conclusion! })),
  }
}

/** Entries that count: not retracted; corroboration apart from primary identifiers. */
export function evidenceCounts({ corroborations }: Standing): {
  corroborations: number
  primaryIdentifiers: number
} {
  const standing = corroborations.filter(({ retracted_at: at }) => at === null)
  const primaryIdentifiers = standing.filter(({ kind }) => isPrimaryIdentifier(kind)).length
  return { corroborations: standing.length - primaryIdentifiers, primaryIdentifiers }
}

/** Accounts that have examined it, finished or not, as first examiners or verifiers. */
export function examinersOf({ examinations }: Standing): Set<string> {
  return new Set(examinations.map(({ examination }) => examination.account_id))
}

/**
 * Brings the state in line with what stands, after each change. When it changes, an event of its own says so.
 * @returns the identification as it is now
 */
export async function settleState(
  tx: Tx,
  actor: Actor,
  identification: IdentificationTable,
): Promise<IdentificationTable> {
  const state = stateOf(factsOf(await readStanding(tx, identification)))
  if (state === identification.state) return identification
  const changed = await changeRow(tx, 'identification', identification.id, { state })
  await appendAuditEvent(tx, actor, {
    action: 'identification.state',
    agencyId: identification.agency_id,
    subject: `identification ${identification.id}`,
    caseId: identification.case_id,
    details: { from: identification.state, to: state },
  })
  return changed!
}

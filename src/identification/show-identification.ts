import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { findCase, visibleCases } from '../cases/case-scope.ts'
import type { Context } from '../context.ts'
import type { GateStep, IdentificationState } from '../contract/identification-words.ts'
import { isDesignated } from '../people/designation.ts'
import { namesOf } from '../store/person-names.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { VerificationTable } from '../store/tables/examination-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { closenessOf, type Closeness } from './apart.ts'
import { findIdentification } from './identification-scope.ts'
import { evidenceCounts, factsOf, readStanding, type ExaminationWork, type Standing } from './standing.ts'
import { missingSteps, needsSupervisor } from './state-of.ts'
import { timelineOf, type TimelineEntry } from './timeline.ts'
import { notifiedParties, type NotifiedParty } from './notified-parties.ts'

export interface ShownIdentification extends Standing {
  personNames: string[]
  /** What is missing before a supervisor can sign. */
  missing: GateStep[]
  needsSupervisor: boolean
  /** Decisions that look as if one person had made both; null for who does not sign. */
  closeness: Closeness[] | null
  timeline: TimelineEntry[]
  told: NotifiedParty[]
  /** Others of the same probe photo and face, in cases that the actor may see, oldest first. */
  earlier: { id: string; caseId: string; state: IdentificationState; openedAt: string }[]
}

/** All that stands about an identification; the look is written into the audit log. @throws AppError `not_found` */
export async function showIdentification(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ShownIdentification> {
  authorize(actor, 'identification.read')
  // One transaction: whoever becomes a blind verifier at this moment has either looked before, or is refused.
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await findIdentification(tx, actor, input.id)
    const shown = await describe(tx, actor, row)
    await appendAuditEvent(tx, actor, {
      action: 'identification.look',
      agencyId: row.agency_id,
      subject: `identification ${row.id}`,
      caseId: row.case_id,
      details: undefined,
    })
    return { ...shown, examinations: withoutUnseen(shown.examinations, actor) }
  })
}

async function describe(db: Db, actor: AccountActor, row: IdentificationTable): Promise<ShownIdentification> {
  const standing = await readStanding(db, row)
  const earlier = await db
    .selectFrom('identification')
    .select(['id', 'case_id', 'state', 'opened_at'])
    .where('face_id', '=', row.face_id)
    .where('probe_sha256', '=', row.probe_sha256)
    .where('id', '!=', row.id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .orderBy('id')
    .execute()
  const names = row.person_id === null ? undefined : await namesOf(db, [row.person_id])
  const told = await notifiedParties(db, row.id)
  return {
    ...standing,
    personNames: names?.get(row.person_id!) ?? [],
    ...(await gateOf(db, standing)),
    closeness: actor.permissions.has('identification.sign') ? await closenessOf(db, standing) : null,
    timeline: timelineOf(standing, told),
    told,
    earlier: earlier.map(({ id, case_id: caseId, state, opened_at: openedAt }) => ({
      id,
      caseId,
      state,
      openedAt,
    })),
  }
}

/** What is missing before a supervisor can sign, and whether one has to decide first. */
async function gateOf(
  db: Db,
  standing: Standing,
): Promise<{ missing: GateStep[]; needsSupervisor: boolean }> {
  const facts = factsOf(standing)
  const { concerns_dead: concernsDead, person_id: personId } = standing.identification
  return {
    missing: missingSteps({
      ...facts,
      ...evidenceCounts(standing),
      concernsDead: concernsDead === 1,
      hasPerson: personId !== null && (await isDesignated(db, personId)),
    }),
    needsSupervisor: needsSupervisor(facts),
  }
}

/** Drafts are their examiner's own; line-ups under way show nothing of what their verifier has written so far. */
function withoutUnseen(examinations: readonly ExaminationWork[], actor: AccountActor): ExaminationWork[] {
  return examinations.map((work) => {
    const { examination } = work
    const isOwnFirst = examination.account_id === actor.accountId && examination.verification_id === null
    if (examination.finished_at !== null || examination.abandoned_at !== null || isOwnFirst) return work
    return {
      examination: { ...examination, analysis: null },
      items: work.items.map((item) => ({ ...item, checklist: '[]', evaluation: '', conclusion: null })),
    }
  })
}

/** Identifications of a case, newest first; the look is written into the audit log when there is one. */
export async function listIdentifications(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    caseId: string
    state: IdentificationState | undefined
    before: string | undefined
    limit: number
  },
): Promise<IdentificationTable[]> {
  authorize(actor, 'identification.read')
  return ctx.store.db.transaction().execute(async (tx) => {
    const caseFile = await findCase(tx, actor, input.caseId)
    let query = tx
      .selectFrom('identification')
      .selectAll()
      .where('case_id', '=', caseFile.id)
      .orderBy('id', 'desc')
      .limit(input.limit)
    if (input.state !== undefined) query = query.where('state', '=', input.state)
    if (input.before !== undefined) query = query.where('id', '<', input.before)
    const rows = await query.execute()
    if (rows.length > 0) {
      await appendAuditEvent(tx, actor, {
        action: 'identification.list',
        agencyId: caseFile.agency_id,
        subject: undefined,
        caseId: caseFile.id,
        details: { shown: rows.length },
      })
    }
    return rows.map((row) => checkedRow('identification', row, row.id))
  })
}

export interface ListedLead {
  identification: IdentificationTable
  caseNumber: string
  caseTitle: string
  missing: GateStep[]
  needsSupervisor: boolean
}

/**
 * Identifications of all cases that the actor works on, newest first. Written into the audit log, an event for each case.
 * @param input.onlyOwn those that the actor opened or examined: a look at others keeps from verifying them blind
 */
export async function listLeads(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    state: IdentificationState | undefined
    onlyOwn: boolean
    before: string | undefined
    limit: number
  },
): Promise<ListedLead[]> {
  authorize(actor, 'identification.read')
  return ctx.store.db.transaction().execute(async (tx) => {
    let query = tx
      .selectFrom('identification')
      .innerJoin('case_file', 'case_file.id', 'identification.case_id')
      .selectAll('identification')
      .select(['case_file.number as caseNumber', 'case_file.title as caseTitle'])
      .where('identification.case_id', 'in', visibleCases(tx, actor).select('case_file.id'))
      .orderBy('identification.id', 'desc')
      .limit(input.limit)
    if (input.state !== undefined) query = query.where('identification.state', '=', input.state)
    if (input.before !== undefined) query = query.where('identification.id', '<', input.before)
    if (input.onlyOwn) {
      query = query.where((where) =>
        where.or([
          where('identification.account_id', '=', actor.accountId),
          where.exists(
            where
              .selectFrom('examination')
              .select('examination.id')
              .whereRef('examination.identification_id', '=', 'identification.id')
              .where('examination.verification_id', 'is', null)
              .where('examination.account_id', '=', actor.accountId),
          ),
        ]),
      )
    }
    const leads: ListedLead[] = []
    for (const { caseNumber, caseTitle, ...row } of await query.execute()) {
      const standing = await readStanding(tx, checkedRow('identification', row, row.id))
      leads.push({ identification: row, caseNumber, caseTitle, ...(await gateOf(tx, standing)) })
    }
    const cases = new Map(
      leads.map(({ identification: { case_id: caseId, agency_id: agencyId } }) => [caseId, agencyId]),
    )
    for (const [caseId, agencyId] of cases) {
      const shown = leads.filter(({ identification }) => identification.case_id === caseId).length
      await appendAuditEvent(tx, actor, {
        action: 'identification.list',
        agencyId,
        subject: undefined,
        caseId,
        details: { shown },
      })
    }
    return leads
  })
}

export interface QueuedVerification extends VerificationTable {
  caseNumber: string
}

/** Verifications of the agency for its supervisors, longest waiting first: nothing of what they are about. */
export async function listVerifications(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { state: VerificationTable['state'] | undefined; after: string | undefined; limit: number },
): Promise<QueuedVerification[]> {
  authorize(actor, 'lineup.assign')
  const { db } = ctx.store
  let query = db
    .selectFrom('verification')
    .innerJoin('case_file', 'case_file.id', 'verification.case_id')
    .selectAll('verification')
    .select('case_file.number as caseNumber')
    .where('verification.agency_id', '=', agencyOf(actor))
    .where('verification.case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .orderBy('verification.id')
    .limit(input.limit)
  if (input.state !== undefined) query = query.where('verification.state', '=', input.state)
  if (input.after !== undefined) query = query.where('verification.id', '>', input.after)
  const rows = await query.execute()
  return rows.map(({ caseNumber, ...row }) => ({ ...checkedRow('verification', row, row.id), caseNumber }))
}

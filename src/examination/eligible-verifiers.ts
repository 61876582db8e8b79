import { sharesDevice } from '../access/shared-device.ts'
import { findWorkingAccount } from '../access/working-account.ts'
import { PERMISSIONS } from '../contract/roles.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { hasReadLog, hasSeen, matterOf, type Matter } from '../blind-verification/seen-before.ts'

/** Events in a case that show its candidates or what was decided of them; who caused one cannot be blind any more. */
const LOOKS = ['search.run', 'search.look', 'face.look', 'face.reveal']
const LOOK_AREAS = ['identification.', 'examination.', 'corroboration.', 'report.', 'transmittal.']
const DECISIONS = ['verification.assign', 'verification.cancel', 'verification.ask']

const UNFIT = { not_there: 'other_agency', without_role: 'no_examiner', suspended: 'suspended' } as const

/** Why an account cannot verify an identification. */
export type Ineligible =
  | 'other_agency'
  | 'no_examiner'
  | 'suspended'
  | 'examined_it'
  | 'shares_device'
  | 'saw_candidates'
  | 'read_log'

/**
 * Whether an account can be the blind verifier: an examiner of the case's agency, not suspended, who has not examined this probe and
 * face before, in whatever case, shares no browser with who has, and has seen nothing of the case's candidates and
 * decisions, nor of the candidate, its people and the probe anywhere else, nor read of it in the audit log, as that log
 * knows; see seen-before.ts.
 * @param known what the lead is about, when it was gathered before
 * @returns undefined when it can
 */
export async function whyIneligible(
  db: Db,
  row: IdentificationTable,
  accountId: string,
  known?: Matter,
): Promise<Ineligible | undefined> {
  const account = await findWorkingAccount(db, {
    id: accountId,
    agencies: [row.agency_id],
    roles: PERMISSIONS['lineup.examine'],
  })
  if (typeof account === 'string') return UNFIT[account]
  if (row.account_id === accountId) return 'saw_candidates'
  const examined = await db
    .selectFrom('examination')
    .innerJoin('identification', 'identification.id', 'examination.identification_id')
    .select('examination.id')
    .where('examination.account_id', '=', accountId)
    .where('identification.face_id', '=', row.face_id)
    .where('identification.probe_sha256', '=', row.probe_sha256)
    .executeTakeFirst()
  if (examined !== undefined) return 'examined_it'
  const deciders = await db
    .selectFrom('examination')
    .select('account_id')
    .where('identification_id', '=', row.id)
    .where('finished_at', 'is not', null)
    .execute()
  const others = deciders.map(({ account_id: other }) => other)
  if ((await sharesDevice(db, accountId, others)) !== undefined) return 'shares_device'
  const looked = await db
    .selectFrom('audit_event')
    .select('seq')
    .where('case_id', '=', row.case_id)
    .where('account_id', '=', accountId)
    .where((where) =>
      where.or([
        where('action', 'in', [...LOOKS, ...DECISIONS]),
        ...LOOK_AREAS.map((area) =>
          where.and([where('action', '>=', area), where('action', '<', `${area}\u{10ffff}`)]),
        ),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  const matter = known ?? (await matterOf(db, row))
  if (looked !== undefined || (await hasSeen(db, matter, accountId))) return 'saw_candidates'
  return (await hasReadLog(db, matter, accountId)) ? 'read_log' : undefined
}

/** Examiners of the agency who can verify it, by name. */
export async function eligibleVerifiers(
  db: Db,
  row: IdentificationTable,
): Promise<{ accountId: string; name: string }[]> {
  const accounts = await db
    .selectFrom('account')
    .select(['id', 'name'])
    .where('agency_id', '=', row.agency_id)
    .orderBy('name')
    .execute()
  const matter = await matterOf(db, row)
  const eligible: { accountId: string; name: string }[] = []
  for (const { id, name } of accounts) {
    if ((await whyIneligible(db, row, id, matter)) === undefined) eligible.push({ accountId: id, name })
  }
  return eligible
}

import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CaseFileTable } from '../store/tables/case-tables.ts'
import { findCase, visibleCases } from './case-scope.ts'

export interface CaseFacts extends Omit<CaseFileTable, 'digest'> {
  agency: string
  lead: string
}

export interface CaseDetails extends CaseFacts {
  members: { accountId: string; name: string }[]
  agencies: { agencyId: string; name: string }[]
}

/** Cases that the actor works on, newest first. @param before id of the last one seen */
export async function listCases(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { status: 'open' | 'closed' | undefined; before: string | undefined; limit: number },
): Promise<CaseFacts[]> {
  authorize(actor, 'case.read')
  const { db } = ctx.store
  let query = visibleCases(db, actor)
    .selectAll('case_file')
    .orderBy('case_file.id', 'desc')
    .limit(input.limit)
  if (input.status !== undefined) query = query.where('case_file.status', '=', input.status)
  if (input.before !== undefined) query = query.where('case_file.id', '<', input.before)
  const rows = await query.execute()
  return Promise.all(rows.map((row) => facts(db, checkedRow('case_file', row, row.id))))
}

/** One case with those who work on it. @throws AppError `not_found` */
export async function showCase(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { id: string },
): Promise<CaseDetails> {
  authorize(actor, 'case.read')
  return details(ctx.store.db, await findCase(ctx.store.db, actor, input.id))
}

/** A case's row with names and members. */
export async function details(db: Db, row: CaseFileTable): Promise<CaseDetails> {
  const access = await db
    .selectFrom('case_access')
    .leftJoin('account', 'account.id', 'case_access.account_id')
    .leftJoin('agency', 'agency.id', 'case_access.agency_id')
    .selectAll('case_access')
    .select(['account.name as accountName', 'agency.name as agencyName'])
    .where('case_id', '=', row.id)
    .orderBy('case_access.id')
    .execute()
  const checked = access.map(({ accountName, agencyName, ...entry }) => ({
    ...checkedRow('case_access', entry, entry.id),
    name: accountName ?? agencyName ?? '',
  }))
  return {
    ...(await facts(db, row)),
    members: checked.flatMap(({ account_id, name }) =>
      account_id === null ? [] : [{ accountId: account_id, name }],
    ),
    agencies: checked.flatMap(({ agency_id, name }) =>
      agency_id === null ? [] : [{ agencyId: agency_id, name }],
    ),
  }
}

async function facts(db: Db, { digest: _digest, ...row }: CaseFileTable): Promise<CaseFacts> {
  const [agency, lead] = await Promise.all([
    db.selectFrom('agency').select('name').where('id', '=', row.agency_id).executeTakeFirstOrThrow(),
    db.selectFrom('account').select('name').where('id', '=', row.lead_id).executeTakeFirstOrThrow(),
  ])
  return { ...row, agency: agency.name, lead: lead.name }
}

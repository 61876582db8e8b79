import type { Actor } from '../actor/actor.ts'
import { visibleCases } from '../cases/case-scope.ts'
import { AppError } from '../errors.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'

/** The identification, if the actor works on its case (and is not kept blind for it). @throws AppError `not_found` */
export async function findIdentification(db: Db, actor: Actor, id: string): Promise<IdentificationTable> {
  const row = await db
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined) {
    throw new AppError('not_found', 'There is no such identification, or you do not work on its case.')
  }
  return checkedRow('identification', row, id)
}

/** Whether it still may go on: not signed, closed or withdrawn by a supervisor. */
export function isSettled(row: IdentificationTable): boolean {
  return row.signed_at !== null || row.closed_at !== null || row.withdrawn_at !== null
}

/** The identification, while work on it goes on. @throws AppError `not_found`, `conflict` once it is settled */
export async function findUnsettled(db: Db, actor: Actor, id: string): Promise<IdentificationTable> {
  const row = await findIdentification(db, actor, id)
  const caseFile = await db
    .selectFrom('case_file')
    .select('status')
    .where('id', '=', row.case_id)
    .executeTakeFirstOrThrow()
  if (caseFile.status !== 'open') {
    throw new AppError('conflict', 'This case is closed. Open it again to work on it.')
  }
  if (isSettled(row)) {
    throw new AppError('conflict', `This is settled (${row.state}); its examinations and decisions stay.`)
  }
  return row
}

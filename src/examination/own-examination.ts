import type { AccountActor } from '../actor/actor.ts'
import { AppError } from '../errors.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import type { ExaminationWork } from '../identification/standing.ts'
import type { ExaminationTable } from '../store/tables/examination-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'

/** A first examination in a case the actor works on; line-ups are not found here. @throws AppError `not_found` */
export async function findExamination(db: Db, actor: AccountActor, id: string): Promise<ExaminationWork> {
  const row = await db
    .selectFrom('examination')
    .selectAll()
    .where('id', '=', id)
    .where('verification_id', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw notThere()
  await findIdentification(db, actor, row.identification_id).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'not_found' ? notThere() : error
  })
  return withItems(db, checkedRow('examination', row, id))
}

/** The actor's own first examination, still a draft. @throws AppError `not_found`, `not_allowed`, `conflict` when it is finished */
export async function findOwnDraft(db: Db, actor: AccountActor, id: string): Promise<ExaminationWork> {
  const work = await findExamination(db, actor, id)
  if (work.examination.account_id !== actor.accountId) {
    throw new AppError('not_allowed', 'Only the examiner who began it writes an examination.')
  }
  requireDraft(work.examination)
  return work
}

/** @throws AppError `conflict` for one that is finished or abandoned */
export function requireDraft({ finished_at, abandoned_at }: ExaminationTable): void {
  if (finished_at !== null) {
    throw new AppError('conflict', 'A finished examination never changes; supersede it by another one.')
  }
  if (abandoned_at !== null) throw new AppError('conflict', 'This examination was abandoned.')
}

/** An examination with the faces it compares. */
export async function withItems(db: Db, examination: ExaminationTable): Promise<ExaminationWork> {
  const items = await db
    .selectFrom('examination_item')
    .selectAll()
    .where('examination_id', '=', examination.id)
    .orderBy('position')
    .execute()
  return { examination, items: items.map((row) => checkedRow('examination_item', row, row.id)) }
}

function notThere(): AppError {
  return new AppError('not_found', 'There is no such examination, or you do not work on its case.')
}

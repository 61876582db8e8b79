import { dayAt } from '../contract/dates.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'

/** Refuses what would open an emptied case again. @throws AppError `conflict` */
export async function refuseEmptied(db: Db, caseId: string): Promise<void> {
  const row = await db
    .selectFrom('emptied_case')
    .select('emptied_at')
    .where('case_id', '=', caseId)
    .executeTakeFirst()
  if (row === undefined) return
  throw new AppError(
    'conflict',
    `The date of this case passed, and its material was erased on ${dayAt(row.emptied_at)}. It stays closed.`,
  )
}

/** Refuses the photo of a probe that is gone. @throws AppError `not_found` */
export async function refuseErased(db: Db, probeId: string): Promise<void> {
  const row = await db
    .selectFrom('erased_probe')
    .select('probe_id')
    .where('probe_id', '=', probeId)
    .executeTakeFirst()
  if (row !== undefined)
    throw new AppError('not_found', 'This photo was erased: the date of its case passed.')
}

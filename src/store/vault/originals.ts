import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Db } from '../database/db.ts'

/** Whether media, a probe, a person's photo or a kept archive still stand on an original in the vault. */
export async function isOriginalInUse(db: Db, sha256: string): Promise<boolean> {
  const media = await db.selectFrom('media').select('id').where('sha256', '=', sha256).executeTakeFirst()
  if (media !== undefined) return true
  const probe = await db
    .selectFrom('probe')
    .select('id')
    .where('sha256', '=', sha256)
    .where('id', 'not in', db.selectFrom('erased_probe').select('probe_id'))
    .limit(1)
    .executeTakeFirst()
  if (probe !== undefined) return true
  const photo = await db
    .selectFrom('person_photo')
    .select('id')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst()
  if (photo !== undefined) return true
  const archive = await db
    .selectFrom('archive_file')
    .select('id')
    .where('sha256', '=', sha256)
    .where('kept', '=', 1)
    .limit(1)
    .executeTakeFirst()
  return archive !== undefined
}

/** Refuses an original that nothing stands on any more. @throws AppError `not_found` */
export async function requireOriginal(db: Db, sha256: string): Promise<void> {
  if (!(await isOriginalInUse(db, sha256))) throw new AppError('not_found', 'This photo was erased.')
}

/** Hashes of every original that the record stands on, after one, in order. */
export async function originalsAfter(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from media where sha256 > ${after}
    union select sha256 from probe where sha256 > ${after} and id not in (select probe_id from erased_probe)
    union select sha256 from person_photo where sha256 > ${after}
    union select sha256 from archive_file where kept = 1 and sha256 > ${after}
    order by sha256 limit ${limit}
  `.execute(db)
  return rows.map(({ sha256 }) => sha256)
}

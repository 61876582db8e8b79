import { STATUSES_OF_THE_DEAD } from '../contract/person-words.ts'
import type { Db } from '../store/database/db.ts'

/**
 * Whether an identification is of somebody dead, so that it needs a primary identifier: the case is for identifying the
 * dead, or the person it names, or a person that the candidate's face is linked with, is recorded as dead.
 */
export async function concernsDead(
  db: Db,
  input: { caseId: string; faceId: string; personId: string | undefined },
): Promise<boolean> {
  const caseFile = await db
    .selectFrom('case_file')
    .select('purpose')
    .where('id', '=', input.caseId)
    .executeTakeFirstOrThrow()
  if (caseFile.purpose === 'identify_the_dead') return true
  const dead = await db
    .selectFrom('person_record')
    .select('id')
    .where('status', 'in', [...STATUSES_OF_THE_DEAD])
    .where((where) =>
      where.or([
        where('id', '=', input.personId ?? ''),
        where.exists(
          where
            .selectFrom('person_face')
            .select('person_face.id')
            .whereRef('person_face.person_id', '=', 'person_record.id')
            .where('person_face.face_id', '=', input.faceId)
            .where('person_face.link', '=', 'same'),
        ),
      ]),
    )
    .executeTakeFirst()
  return dead !== undefined
}

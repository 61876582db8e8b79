import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'

/** A sign that says something: a letter or a digit of any script. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u

/**
 * Whether a record says of whom it is: by a name, or by a number (reference) as the unidentified have. What imports of photos
 * called the person counts too. A record without either cannot be told from another, and nobody can be identified as it.
 */
export async function isDesignated(db: Db, personId: string): Promise<boolean> {
  const person = await db
    .selectFrom('person')
    .select(['ref', 'name'])
    .where('id', '=', personId)
    .executeTakeFirst()
  const names = await db
    .selectFrom('person_name')
    .select('written')
    .where('person_id', '=', personId)
    .execute()
  const all = [person?.ref, person?.name, ...names.map(({ written }) => written)]
  return all.some((text) => typeof text === 'string' && SAYS_SOMETHING.test(text))
}

/** @throws AppError `bad_input` */
export async function requireDesignation(db: Db, personId: string): Promise<void> {
  if (await isDesignated(db, personId)) return
  throw new AppError(
    'bad_input',
    'Expected a name or a number: a record of a person needs one of them. Of somebody unknown, give the number under which they are registered.',
  )
}

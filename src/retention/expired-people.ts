import type { Actor } from '../actor/actor.ts'
import type { Context } from '../context.ts'
import { newId } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { removePerson } from '../erasure/remove-person.ts'
import { leaveTombstone } from '../erasure/remove-rows.ts'

/** Persons whose record may be kept no longer. @param today YYYY-MM-DD */
export async function expiredPeople(db: Db, today: string): Promise<string[]> {
  const rows = await db
    .selectFrom('disappearance')
    .select('id')
    .where('keep_until', '<', today)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Erases their records, each in a transaction of its own with its tombstone. @returns how many */
export async function eraseExpiredPeople(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  today: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { db } = ctx.store
  let erased = 0
  for (const id of await expiredPeople(db, today)) {
    if (signal?.aborted === true) break
    if (await db.transaction().execute((tx) => eraseOne(tx, actor, id, today))) erased += 1
  }
  return erased
}

async function eraseOne(tx: Tx, actor: Actor, id: string, today: string): Promise<boolean> {
  const row = await tx
    .selectFrom('disappearance')
    .select(['agency_id', 'keep_until'])
    .where('id', '=', id)
    .where('keep_until', '<', today)
    .executeTakeFirst()
  if (row === undefined) return false
  const tombstoneId = newId()
  const photos = await removePerson(tx, id, tombstoneId)
  await leaveTombstone(tx, actor, {
    id: tombstoneId,
    kind: 'retention',
    reason: `kept until ${row.keep_until}, which passed`,
    agencyId: row.agency_id,
    action: 'retention.erase',
    media: photos,
    faces: photos,
    sources: 0,
  })
  return true
}

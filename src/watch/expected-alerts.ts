import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db } from '../store/database/db.ts'

const DAY_MS = 86_400_000
/** What a present import rate is taken from. */
export const RATE_DAYS = 30
/** Faces counted in one turn of the event loop: some 5 ms. */
const FACES_A_STEP = 2000

/**
 * Faces enrolled in the last 30 days in these collections: the present import rate, as faces a month.
 * @param nowMs Unix time
 */
export async function facesAMonth(db: Db, collectionIds: readonly string[], nowMs: number): Promise<number> {
  if (collectionIds.length === 0) return 0
  let after = oldestIdAt(nowMs - RATE_DAYS * DAY_MS)
  let total = 0
  for (;;) {
    const page = await sql<{ last: string | null; faces: number; seen: number }>`
      select max(id) as last, count(*) as seen, sum(exists (
        select 1 from media_in_collection as member where member.media_id = page.media_id
          and member.collection_id in (${sql.join(collectionIds)})
      )) as faces
      from (select id, media_id from face where id > ${after} order by id limit ${FACES_A_STEP}) as page
    `.execute(db)
    const [{ last, faces, seen }] = page.rows
    total += faces ?? 0
    if (last === null || seen < FACES_A_STEP) return total
    after = last
    await nextTurn()
  }
}

/** The least UUIDv7 that could have been made at a time. */
function oldestIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

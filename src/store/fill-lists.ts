import { setImmediate as nextTurn } from 'node:timers/promises'
import type Libsql from 'libsql'
import { enterWords } from './database/migrations/list-tables.ts'
import { isBusy } from './database/storage-errors.ts'

/** Members entered in one transaction. */
const MEMBERS_A_STEP = 2000

/**
 * Enters what was in the record before it had lists by index; see [Note: lists by index]. In steps of their own
 * transactions: one that is cut off goes on at the next opening, and several processes may work on it at once.
 * @param afterStep called between steps
 */
export async function fillLists(database: Libsql.Database, afterStep: () => Promise<void>): Promise<void> {
  const progress = database.prepare('select reached, goal from list_fill')
  for (;;) {
    const { reached, goal } = progress.get() as { reached: number; goal: number }
    if (reached >= goal) return
    try {
      database.exec('begin immediate')
    } catch (error) {
      if (!isBusy(error)) throw error
      await nextTurn()
      continue
    }
    try {
      fillStep(database)
      database.exec('commit')
    } catch (error) {
      if (database.inTransaction) database.exec('rollback')
      throw error
    }
    await afterStep()
  }
}

function fillStep(database: Libsql.Database): void {
  const { reached } = database.prepare('select reached from list_fill').get() as { reached: number }
  const last = database
    .prepare(
      'select max(seq) as seq from (select seq from media_in_collection where seq > ? order by seq limit ?)',
    )
    .get([reached, MEMBERS_A_STEP]) as { seq: number | null }
  const until = last.seq ?? Number.MAX_SAFE_INTEGER
  database
    .prepare(
      `update media_in_collection set has_faces = 1 where seq > ? and seq <= ? and has_faces = 0
       and exists (select 1 from face where face.media_id = media_in_collection.media_id)`,
    )
    .run([reached, until])
  database
    .prepare(
      enterWords(`(
        select source.* from media_in_collection as filled cross join source
          on source.media_id = filled.media_id and source.collection_id = filled.collection_id
        where filled.seq > ? and filled.seq <= ?
          and not exists (select 1 from source_words where source_words.source_id = source.id)
      ) as source`),
    )
    .run([reached, until])
  database.prepare('update list_fill set reached = ?').run([until])
}

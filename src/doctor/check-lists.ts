import { sql, type RawBuilder } from 'kysely'
import { AppError } from '../errors.ts'
import { enterWords, saidBy, scopeOf } from '../store/database/migrations/list-tables.ts'
import type { Db } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import type { Finding } from './finding.ts'

/** Sources set right in one transaction. */
const SOURCES_A_STEP = 1000

/** What is wrong, counted in SQL, and the statement that sets it right. */
interface ListCheck {
  where: string
  wrong: RawBuilder<{ count: number }>
  /** A sentence about so many. */
  detail: (count: number) => string
  repair: RawBuilder<unknown>
}

const HAS_FACES = sql`exists (select 1 from face where face.media_id = media_in_collection.media_id)`
const MEDIA_COUNT = sql`(select count(*) from media_in_collection as member where member.collection_id = collection.id)`
const FACE_COUNT = sql`(select count(*) from media_in_collection as member join face on face.media_id = member.media_id
  where member.collection_id = collection.id)`
const BYTE_COUNT = sql`coalesce((select sum(media.byte_length) from media_in_collection as member
  join media on media.id = member.media_id where member.collection_id = collection.id), 0)`
const ITEM_COUNTS = sql`select import_id, state, count(*) as items from import_item group by import_id, state`

const CHECKS: readonly ListCheck[] = [
  {
    where: 'source_words',
    wrong: sql`select count(*) as count from source_words where source_id not in (select id from source)`,
    detail: (count) => `The words of ${count} sources that there are not are still found.`,
    repair: sql`delete from source_words where source_id not in (select id from source)`,
  },
  {
    where: 'word_index',
    wrong: sql`select count(*) as count from source_words full join word_index on word_index.rowid = source_words.seq
      where word_index.words is not source_words.words`,
    detail: (count) => `It holds other words for ${count} sources than they have.`,
    repair: sql`insert or replace into word_index (rowid, words) select seq, words from source_words`,
  },
  {
    where: 'media_in_collection',
    wrong: sql`select count(*) as count from media_in_collection where has_faces <> ${HAS_FACES}`,
    detail: (count) => `${count} media are listed as with faces, or as without, wrongly.`,
    repair: sql`update media_in_collection set has_faces = ${HAS_FACES} where has_faces <> ${HAS_FACES}`,
  },
  {
    where: 'collection_count',
    wrong: sql`select count(*) as count from collection
      left join collection_count as kept on kept.collection_id = collection.id
      where kept.media is not ${MEDIA_COUNT} or kept.faces is not ${FACE_COUNT} or kept.bytes is not ${BYTE_COUNT}`,
    detail: (count) => `The media, faces or bytes of ${count} collections are counted wrongly.`,
    repair: sql`insert or replace into collection_count (collection_id, media, faces, bytes)
      select id, ${MEDIA_COUNT}, ${FACE_COUNT}, ${BYTE_COUNT} from collection`,
  },
  {
    where: 'import_count',
    wrong: sql`select count(*) as count from (${ITEM_COUNTS}) as counted
      full join (select * from import_count where items <> 0) as kept using (import_id, state)
      where counted.items is not kept.items`,
    detail: (count) => `${count} numbers of items of imports are wrong.`,
    repair: sql`insert or replace into import_count
      select import_id, state, coalesce(counted.items, 0)
      from import_count full join (${ITEM_COUNTS}) as counted using (import_id, state) where true`,
  },
]

/**
 * Checks what lists are made from, see [Note: lists by index]: the index of words, the words of each source, which media
 * have faces, the counts. Repairing makes anew what is wrong.
 */
export async function checkLists({ db }: Store, repair: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  const add = (where: string, detail: string): void => {
    findings.push({ severity: 'derived', where, detail, repaired: repair })
  }
  if (!(await isWordIndexSound(db))) {
    if (repair) await sql`insert into word_index (word_index) values ('rebuild')`.execute(db)
    add('word_index', 'It is not the index of the words that it is made from.')
  }
  for (const check of CHECKS) {
    const [{ count }] = (await check.wrong.execute(db)).rows
    if (count === 0) continue
    if (repair) await check.repair.execute(db)
    add(check.where, check.detail(count))
  }
  const wrong = await setWordsRight(db, repair)
  if (wrong > 0)
    add('source_words', `The words of ${wrong} sources are missing, or are not what the sources say.`)
  return findings
}

/** FTS5 compares the index with the words; see https://www.sqlite.org/fts5.html#the_integrity_check_command. */
async function isWordIndexSound(db: Db): Promise<boolean> {
  try {
    await sql`insert into word_index (word_index) values ('integrity-check')`.execute(db)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'corrupt_record') return false
    throw error
  }
}

/** @returns how many sources have no words, or other ones; without repairing, at most `SOURCES_A_STEP` are counted */
async function setWordsRight(db: Db, repair: boolean): Promise<number> {
  for (let counted = 0; ;) {
    const wrong = await db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ id: string }>`
        select source.id from source
        join media_in_collection as member
          on member.media_id = source.media_id and member.collection_id = source.collection_id
        left join source_words as kept on kept.source_id = source.id
        where kept.said is not ${sql.raw(saidBy('source'))} or kept.scope is not ${sql.raw(scopeOf('member'))}
        limit ${SOURCES_A_STEP}
      `.execute(tx)
      const ids = JSON.stringify(rows.map(({ id }) => id))
      if (!repair || rows.length === 0) return rows.length
      await sql`delete from source_words where source_id in (select value from json_each(${ids}))`.execute(tx)
      const [before, after] = enterWords(
        '(select * from source where id in (select value from json_each(?))) as source',
      ).split('?')
      await sql`${sql.raw(before)}${ids}${sql.raw(after)}`.execute(tx)
      return rows.length
    })
    counted += wrong
    if (wrong === 0 || !repair) return counted
  }
}

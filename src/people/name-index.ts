import { sql } from 'kysely'
import { namesOf } from '../store/person-names.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { FOLD_VERSION, foldName, keysOf } from './fold-name.ts'

/** Persons entered in the index in one transaction. */
const BATCH = 500
/** Keys of one person, those of the first names before others; thirty names of three words have fewer. */
const MAX_KEYS = 1000
/** A key that no word has: it says that a person was entered, nameless or not, and by which way of folding. */
const ENTERED = `=${FOLD_VERSION}`
/** The setting that says by which way everybody is entered, or noted as not entered. */
const FOLDING = 'name_folding'

/** Enters a person's names in the index again; called after each change of them. */
export async function indexNames(tx: Tx, agencyId: string, personId: string): Promise<void> {
  await tx.deleteFrom('person_name_key').where('person_id', '=', personId).execute()
  const names = (await namesOf(tx, [personId])).get(personId)!
  const keys = new Set(names.flatMap(foldName).flatMap(keysOf))
  const rows = [ENTERED, ...[...keys].slice(0, MAX_KEYS)].map((key) => ({
    agency_id: agencyId,
    key,
    person_id: personId,
  }))
  await tx.insertInto('person_name_key').values(rows).execute()
  await tx
    .deleteFrom('person_unkeyed')
    .where('agency_id', '=', agencyId)
    .where('person_id', '=', personId)
    .execute()
}

/** Enters the persons that imports have named since the last time, and those whose keys were made in an older way. */
export async function indexImported(db: Db, agencyId: string): Promise<void> {
  await noteOtherFolding(db)
  for (;;) {
    const waiting = await db
      .selectFrom('person_unkeyed')
      .select('person_id as id')
      .where('agency_id', '=', agencyId)
      .limit(BATCH)
      .execute()
    if (waiting.length === 0) return
    await db.transaction().execute(async (tx) => {
      for (const { id } of waiting) await indexNames(tx, agencyId, id)
    })
  }
}

/** Persons with a word of theirs under one of the keys, those with most keys in common first. */
export async function personsUnder(
  db: Db,
  agencyId: string,
  keys: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('person_name_key')
    .select(({ fn }) => ['person_id', fn.countAll<number>().as('shared')])
    .where('agency_id', '=', agencyId)
    .where('key', 'in', keys)
    .groupBy('person_id')
    .orderBy('shared', 'desc')
    .orderBy('person_id')
    .limit(limit)
    .execute()
  return rows.map(({ person_id: id }) => id)
}

/** Once after a change of how names are folded: everybody who was entered by another way is to be entered again. */
async function noteOtherFolding(db: Db): Promise<void> {
  const known = await db.selectFrom('setting').select('value').where('key', '=', FOLDING).executeTakeFirst()
  if (known?.value === ENTERED) return
  await db.transaction().execute(async (tx) => {
    await sql`
      insert or ignore into person_unkeyed select agency_id, id from person where not exists
        (select 1 from person_name_key as entered where entered.person_id = person.id and entered.key = ${ENTERED})
    `.execute(tx)
    await tx
      .insertInto('setting')
      .values({ key: FOLDING, value: ENTERED })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: ENTERED }))
      .execute()
  })
}

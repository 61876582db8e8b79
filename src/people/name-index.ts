import type { Db, Tx } from '../store/record.ts'
import { FOLD_VERSION, foldName, keysOf } from './fold-name.ts'

/** Persons entered in the index in one transaction. */
const BATCH = 500
/** The setting that says by which way of folding the keys were made. */
const KEYS_MADE_BY = 'person_name_keys'

/** What a person is called: the names people wrote down, and the one an import brought. */
export async function namesOf(db: Db, personIds: readonly string[]): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>(personIds.map((id) => [id, []]))
  if (personIds.length === 0) return names
  const imported = await db.selectFrom('person').select(['id', 'name']).where('id', 'in', personIds).execute()
  const written = await db
    .selectFrom('person_name')
    .select(['person_id', 'written'])
    .where('person_id', 'in', personIds)
    .orderBy('id')
    .execute()
  for (const { person_id: id, written: name } of written) names.get(id)?.push(name)
  for (const { id, name } of imported) {
    if (name !== null && !names.get(id)!.includes(name)) names.get(id)!.push(name)
  }
  return names
}

/** Enters a person's names in the index again; called after each change of them. */
export async function indexNames(tx: Tx, agencyId: string, personId: string): Promise<void> {
  await tx.deleteFrom('person_name_key').where('person_id', '=', personId).execute()
  const names = (await namesOf(tx, [personId])).get(personId)!
  const keys = new Set(names.flatMap(foldName).flatMap(keysOf))
  // The empty key says that this person was entered, nameless or not.
  const rows = ['', ...keys].map((key) => ({ agency_id: agencyId, key, person_id: personId }))
  await tx.insertInto('person_name_key').values(rows).execute()
}

/** Enters the persons that imports have named since the last time, and those whose keys were made in an older way. */
export async function indexImported(db: Db, agencyId: string): Promise<void> {
  await forgetOlderKeys(db)
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

/** Keys that were made in an older way are made anew, for whoever is looked for first. */
async function forgetOlderKeys(db: Db): Promise<void> {
  const value = String(FOLD_VERSION)
  const made = await db
    .selectFrom('setting')
    .select('value')
    .where('key', '=', KEYS_MADE_BY)
    .executeTakeFirst()
  if (made?.value === value) return
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('person_unkeyed')
      .columns(['agency_id', 'person_id'])
      .expression((from) => from.selectFrom('person').select(['agency_id', 'id']).where('id', '!=', ''))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await tx
      .insertInto('setting')
      .values({ key: KEYS_MADE_BY, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  })
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

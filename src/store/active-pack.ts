import type { Db } from './record.ts'

const KEY = 'active_pack'

/** Id of the model pack whose templates are searched; undefined before the first import. */
export async function activePack(db: Db): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst()
  return row?.value
}

/** Makes a pack's templates the ones that are searched. */
export async function setActivePack(db: Db, packId: string): Promise<void> {
  await db
    .insertInto('setting')
    .values({ key: KEY, value: packId })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: packId }))
    .execute()
}

import type { Db } from './database/db.ts'

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

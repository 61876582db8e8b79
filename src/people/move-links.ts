import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { PersonFaceTable } from '../store/tables/person-tables.ts'

/** What a merge or split did to links of faces: enough to take it back. */
export interface MovedLinks {
  /** Ids of links that now name the other person. */
  moved: string[]
  /** Links that the other person had already in the same words: removed here, and put back when it is undone. */
  doubled: Omit<PersonFaceTable, 'digest'>[]
  /** What else came along in a merge, by table and id. Not in changes made before there was such. */
  belongings?: Partial<Record<Belongings, string[]>>
}

/** Rows that belong to a person and go where the person goes. */
type Belongings = 'person_photo' | 'person_contact' | 'enquiry' | 'standing_search'
const BELONGINGS: readonly Belongings[] = ['person_photo', 'person_contact', 'enquiry', 'standing_search']

/**
 * Makes links of one person links of another.
 * @throws AppError `conflict` for a face that is one person's and was marked as not the other's
 */
export async function moveLinks(
  tx: Tx,
  links: readonly PersonFaceTable[],
  toId: string,
): Promise<MovedLinks> {
  const there = await tx.selectFrom('person_face').selectAll().where('person_id', '=', toId).execute()
  const byFace = new Map(there.map((row) => [row.face_id, checkedRow('person_face', row, row.id)]))
  const result: MovedLinks = { moved: [], doubled: [] }
  for (const found of links) {
    const { digest: _digest, ...link } = checkedRow('person_face', found, found.id)
    const other = byFace.get(link.face_id)
    if (other === undefined) {
      await changeRow(tx, 'person_face', link.id, { person_id: toId })
      result.moved.push(link.id)
    } else if (other.link === link.link) {
      await tx.deleteFrom('person_face').where('id', '=', link.id).execute()
      result.doubled.push(link)
    } else {
      throw new AppError(
        'conflict',
        `Face ${link.face_id} is linked with one of them and marked as not the other. Settle that first.`,
      )
    }
  }
  return result
}

/** Makes photos, contacts, enquiries and standing searches of one person those of another; alerts stay where they were raised. @returns which */
export async function moveBelongings(
  tx: Tx,
  fromId: string,
  toId: string,
): Promise<NonNullable<MovedLinks['belongings']>> {
  const moved: Partial<Record<Belongings, string[]>> = {}
  for (const table of BELONGINGS) {
    const rows = await tx.selectFrom(table).select('id').where('person_id', '=', fromId).execute()
    for (const { id } of rows) await changeRow(tx, table, id, { person_id: toId })
    moved[table] = rows.map(({ id }) => id)
  }
  return moved
}

/**
 * Puts links back as they were before. Links that were taken away or erased since stay away.
 * @throws AppError `conflict` when a later change moved one of them on
 */
export async function moveBack(
  tx: Tx,
  { moved, doubled, belongings }: MovedLinks,
  fromId: string,
  toId: string,
): Promise<void> {
  for (const id of moved) {
    const link = await tx.selectFrom('person_face').selectAll().where('id', '=', id).executeTakeFirst()
    if (link === undefined) continue
    if (link.person_id !== toId) {
      throw new AppError('conflict', 'A later merge or split moved some of these faces on. Undo that first.')
    }
    await changeRow(tx, 'person_face', id, { person_id: fromId })
  }
  for (const link of doubled) {
    const face = await tx.selectFrom('face').select('id').where('id', '=', link.face_id).executeTakeFirst()
    if (face === undefined) continue
    await tx
      .insertInto('person_face')
      .values(withDigest('person_face', link))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  for (const table of BELONGINGS) {
    for (const id of belongings?.[table] ?? []) await changeRow(tx, table, id, { person_id: fromId })
  }
}

import type { Db, Tx } from '../store/record.ts'
import type { Store } from '../store/store.ts'

/** Forgets videos on their way into imports of a collection that is emptied; their bytes go with `eraseParts`. */
export async function forgetUploadsOf(tx: Tx, collectionId: string): Promise<void> {
  const uploads = await tx
    .selectFrom('video_upload')
    .innerJoin('import', 'import.id', 'video_upload.import_id')
    .select('video_upload.id')
    .where('import.collection_id', '=', collectionId)
    .execute()
  for (const { id } of uploads) await forgetUpload(tx, id)
}

/** Forgets one video on its way: it is taken in, or given up. */
export async function forgetUpload(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('video_upload_part').where('upload_id', '=', id).execute()
  await tx.deleteFrom('video_upload').where('id', '=', id).execute()
}

/** Erases parts that no upload needs any more. */
export async function eraseParts({ db, uploads }: Pick<Store, 'db' | 'uploads'>): Promise<number> {
  let erased = 0
  for await (const entry of uploads.entries()) {
    if (entry.kind !== 'media' || (await isPartInUse(db, entry.sha256))) continue
    erased += await db.transaction().execute(async (tx) => {
      if (await isPartInUse(tx, entry.sha256)) return 0
      await uploads.erase(entry.sha256)
      return 1
    })
  }
  return erased
}

export async function isPartInUse(db: Db, sha256: string): Promise<boolean> {
  const row = await db
    .selectFrom('video_upload_part')
    .select('at')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

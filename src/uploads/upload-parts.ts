import type { Db, Tx } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import type { UploadPartTable } from '../store/tables/import-tables.ts'

type Uploads = Pick<Store, 'db' | 'uploads'>

/** Bytes that came of one file, in their order. */
export async function* uploadedChunks({ db, uploads }: Uploads, id: string): AsyncGenerator<Uint8Array> {
  for (const { sha256 } of await partsOf(db, id)) yield* uploads.chunks(sha256)
}

/** Reads any place of one file that came whole. */
export async function uploadedRanges(
  { db, uploads }: Uploads,
  id: string,
): Promise<(from: number, length: number) => Promise<Uint8Array>> {
  const parts = await partsOf(db, id)
  return async (from, length) => {
    const pieces: Uint8Array[] = []
    const to = from + length
    for (const { at, byte_length: partLength, sha256 } of parts) {
      if (at >= to || at + partLength <= from) continue
      const begin = Math.max(from - at, 0)
      pieces.push(await uploads.readRange(sha256, begin, Math.min(to - at, partLength) - begin))
    }
    return Buffer.concat(pieces)
  }
}

async function partsOf(db: Db, id: string): Promise<UploadPartTable[]> {
  return db.selectFrom('upload_part').selectAll().where('upload_id', '=', id).orderBy('at').execute()
}

/** Forgets files on their way into imports of a collection that is emptied; their bytes go with `eraseUnusedParts`. */
export async function forgetUploadsOf(tx: Tx, collectionId: string): Promise<void> {
  const uploads = await tx
    .selectFrom('upload')
    .innerJoin('import', 'import.id', 'upload.import_id')
    .select('upload.id')
    .where('import.collection_id', '=', collectionId)
    .execute()
  for (const { id } of uploads) await forgetUpload(tx, id)
}

/** Forgets one file on its way: what it holds is taken in, or it is given up. @returns its parts, for `eraseParts` */
export async function forgetUpload(tx: Tx, id: string): Promise<string[]> {
  const parts = await forgetParts(tx, id)
  await tx.deleteFrom('upload').where('id', '=', id).execute()
  return parts
}

/** Forgets the parts of a file that stands as an original now. @returns them, for `eraseParts` */
export async function forgetParts(tx: Tx, id: string): Promise<string[]> {
  const parts = await tx.deleteFrom('upload_part').where('upload_id', '=', id).returning('sha256').execute()
  return parts.map(({ sha256 }) => sha256)
}

/** Erases those of these parts that no upload needs. */
export async function eraseParts({ db, uploads }: Uploads, parts: readonly string[]): Promise<void> {
  for (const sha256 of new Set(parts)) {
    await db.transaction().execute(async (tx) => {
      if (!(await isPartInUse(tx, sha256))) await uploads.erase(sha256)
    })
  }
}

/** The same of all that are there: a process that was killed may have left some. */
export async function eraseUnusedParts({ db, uploads }: Uploads): Promise<void> {
  for await (const entry of uploads.entries()) {
    if (entry.kind === 'media' && !(await isPartInUse(db, entry.sha256)))
      await eraseParts({ db, uploads }, [entry.sha256])
  }
}

export async function isPartInUse(db: Db, sha256: string): Promise<boolean> {
  const row = await db
    .selectFrom('upload_part')
    .select('at')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

import type { Db, Tx } from './database/db.ts'
import type { PhotoRemarkTable } from './tables/media-tables.ts'

/** As the engine has it. */
type Remark =
  | { kind: 'cut_short' | 'raw_preview' | 'video_inside' }
  | { kind: 'more_pictures'; count: number }

/** A remark as replies and reports have it; `count` only of `more_pictures`. */
export interface KeptRemark {
  kind: PhotoRemarkTable['kind']
  count: number | null
}

/** Writes how a file was read; what was said of the same bytes before, goes. */
export async function keepRemarks(tx: Tx, sha256: string, remarks: readonly Remark[]): Promise<void> {
  await forgetRemarks(tx, sha256)
  if (remarks.length === 0) return
  const rows = remarks.map((remark) => ({ sha256, kind: remark.kind, count: countOf(remark) }))
  await tx.insertInto('photo_remark').values(rows).execute()
}

/** Forgets it with the bytes. */
export async function forgetRemarks(tx: Tx, sha256: string): Promise<void> {
  await tx.deleteFrom('photo_remark').where('sha256', '=', sha256).execute()
}

/** Remarks by the bytes' SHA-256; files that were read whole are not in it. */
export async function remarksOf(db: Db, sha256s: readonly string[]): Promise<Map<string, KeptRemark[]>> {
  if (sha256s.length === 0) return new Map()
  const rows = await db
    .selectFrom('photo_remark')
    .selectAll()
    .where('sha256', 'in', sha256s)
    .orderBy('kind')
    .execute()
  const bySha = Map.groupBy(rows, ({ sha256 }) => sha256)
  return new Map([...bySha].map(([sha256, own]) => [sha256, own.map(({ kind, count }) => ({ kind, count }))]))
}

/** English sentences for the command and for the outcome of an import; null: the file was read whole. */
export function remarkSentences(remarks: readonly Remark[]): string | null {
  if (remarks.length === 0) return null
  return remarks
    .map((remark) => {
      if (remark.kind === 'cut_short')
        return 'The file is cut short: the part of the picture that is there was read.'
      if (remark.kind === 'video_inside')
        return 'A video stands in this file behind the picture (a motion photo) and was not read; save it as a file of its own and import that too.'
      if (remark.kind !== 'more_pictures')
        return 'It is a camera raw: the preview that the camera put in it was read.'
      return `${remark.count} more ${remark.count === 1 ? 'picture follows' : 'pictures follow'} in this file and ${remark.count === 1 ? 'was' : 'were'} not read.`
    })
    .join(' ')
}

function countOf(remark: Remark): number | null {
  return remark.kind === 'more_pictures' ? remark.count : null
}

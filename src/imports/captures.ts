import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { SourceTable } from '../store/tables/media-tables.ts'
import type { FileProvenance } from '../sources/exif/file-provenance.ts'
import type { Claims } from '../sources/claims.ts'

/** Writes what the archive or tool says of a source, beside what the importer claims. */
export async function addCapture(
  tx: Tx,
  importId: string,
  source: Pick<SourceTable, 'id' | 'media_id'>,
  { capture }: Claims,
): Promise<void> {
  if (capture === undefined) return
  const archive =
    capture.archive === undefined
      ? undefined
      : await tx
          .selectFrom('archive_file')
          .select('id')
          .where('import_id', '=', importId)
          .where('sha256', '=', capture.archive)
          .executeTakeFirst()
  const row = withDigest('source_capture', {
    source_id: source.id,
    media_id: source.media_id,
    archive_id: archive?.id ?? null,
    tool: capture.tool,
    page_url: capture.pages[0]?.url ?? null,
    digest_verdict: capture.digest.verdict,
    capture: JSON.stringify(capture),
  })
  await tx.insertInto('source_capture').values(row).execute()
}

/** Writes what a media file says of itself. */
export async function addProvenance(
  tx: Tx,
  mediaId: string,
  facts: FileProvenance | undefined,
): Promise<void> {
  if (facts === undefined) return
  const row = withDigest('media_provenance', { media_id: mediaId, facts: JSON.stringify(facts) })
  await tx.insertInto('media_provenance').values(row).execute()
}

/** What an item is marked with when its bytes are not those that its archive or tool names; it is never silently good. */
export function differenceOf({ capture }: Claims): { reason: string; detail: string } | undefined {
  if (capture?.digest.verdict !== 'invalid') return undefined
  const { claimed = '', observed = '' } = capture.digest
  const thing = capture.archive === undefined ? 'The file' : "The record's content"
  return {
    reason: 'digest_differs',
    detail: `${thing} was changed: it should have ${claimed} and has ${observed}. It was taken in and is marked.`,
  }
}

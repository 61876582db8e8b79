import type { ArchiveFileTable, ArchiveKind, Verdict } from '../store/tables/archive-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { FileProvenance } from '../sources/exif/file-provenance.ts'
import type { Capture, CaptureTool, ClaimedDigest, PageOfPicture } from '../sources/web-archive/capture.ts'

/** A web archive as people are told of it. */
export interface FoundArchive {
  id: string
  name: string
  kind: ArchiveKind
  sha256: string
  byteLength: number
  records: number
  pages: number
  packageVerdict: Verdict
  signatureVerdict: Verdict
  signedBy: string | undefined
  signedAt: string | undefined
  software: string | undefined
  problems: string[]
  /** Whether its bytes are still in the vault. */
  isKept: boolean
}

/** What an archive or a tool says of a source. */
export interface FoundCapture {
  tool: CaptureTool
  recordId: string | undefined
  resourceUrl: string | undefined
  capturedAt: string | undefined
  status: number | undefined
  headers: [string, string][]
  pages: PageOfPicture[]
  digest: ClaimedDigest
  revisitOf: string | undefined
  other: Record<string, string>
  archive: FoundArchive | undefined
  /** Whether a page of it can be shown as it was. */
  canReplay: boolean
}

/** What archives and tools say of sources, by the source's id. @throws AppError `corrupt_record` */
export async function capturesOf(db: Db, sourceIds: readonly string[]): Promise<Map<string, FoundCapture>> {
  if (sourceIds.length === 0) return new Map()
  const rows = await db.selectFrom('source_capture').selectAll().where('source_id', 'in', sourceIds).execute()
  if (rows.length === 0) return new Map()
  const ids = [...new Set(rows.flatMap(({ archive_id: id }) => id ?? []))]
  const archives =
    ids.length === 0 ? [] : await db.selectFrom('archive_file').selectAll().where('id', 'in', ids).execute()
  const byId = new Map(archives.map((row) => [row.id, foundArchive(row)]))
  return new Map(
    rows.map((row) => {
      const { capture, archive_id: archiveId } = checkedRow('source_capture', row, row.source_id)
      const said = JSON.parse(capture) as Capture
      const archive = byId.get(archiveId ?? '')
      return [
        row.source_id,
        {
          tool: said.tool,
          recordId: said.recordId,
          resourceUrl: said.resourceUrl,
          capturedAt: said.capturedAt,
          status: said.status,
          headers: said.headers ?? [],
          pages: said.pages,
          digest: said.digest,
          revisitOf: said.revisitOf,
          other: said.other ?? {},
          archive,
          canReplay: archive?.isKept === true && archive.kind !== 'saved_page' && said.pages.length > 0,
        },
      ]
    }),
  )
}

/** What media files say of themselves, by the media's id. @throws AppError `corrupt_record` */
export async function provenanceOf(
  db: Db,
  mediaIds: readonly string[],
): Promise<Map<string, FileProvenance>> {
  if (mediaIds.length === 0) return new Map()
  const rows = await db.selectFrom('media_provenance').selectAll().where('media_id', 'in', mediaIds).execute()
  return new Map(
    rows.map((row) => [
      row.media_id,
      JSON.parse(checkedRow('media_provenance', row, row.media_id).facts) as FileProvenance,
    ]),
  )
}

function foundArchive(row: ArchiveFileTable): FoundArchive {
  const archive = checkedRow('archive_file', row, row.id)
  return {
    id: archive.id,
    name: archive.name,
    kind: archive.kind,
    sha256: archive.sha256,
    byteLength: archive.byte_length,
    records: archive.records,
    pages: archive.pages,
    packageVerdict: archive.package_verdict,
    signatureVerdict: archive.signature_verdict,
    signedBy: archive.signed_by ?? undefined,
    signedAt: archive.signed_at ?? undefined,
    software: archive.software ?? undefined,
    problems: JSON.parse(archive.problems) as string[],
    isKept: archive.kept === 1,
  }
}

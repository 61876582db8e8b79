import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, reasonOf } from '../errors.ts'
import type { SourceKind } from '../store/tables/import-tables.ts'
import { archiveKind, ARCHIVE_HEAD_BYTES } from './archive-kind.ts'
import { describedArchive } from './described-archive.ts'
import { fileSource, folderSource } from './folder-source.ts'
import { csvSource, jsonlSource } from './manifest-source.ts'
import type { ImportSource } from './source-item.ts'
import { tarEntries } from './tar-entries.ts'
import { fileBytes } from './web-archive/byte-feed.ts'
import { detectArchive } from './web-archive/detect-archive.ts'
import { webArchiveSource } from './web-archive/web-archive-source.ts'
import { findZip } from './zip-end.ts'
import { zipEntries } from './zip-entries.ts'

/** What a place is: by content where content tells, else by its ending. @throws AppError `bad_input` when it cannot be read */
export async function detectSource(location: string): Promise<SourceKind> {
  let head: Uint8Array
  try {
    if ((await stat(location)).isDirectory()) return 'folder'
    head = await readHead(location)
  } catch (error) {
    throw new AppError('bad_input', `The source ${location} cannot be read: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
  const webArchive = await detectArchive(location)
  if (webArchive !== undefined) return webArchive
  const archive = archiveKind(head)
  if (archive === 'zip') return 'zip'
  if (archive === 'tar' || archive === 'tar.gz') return 'tar'
  // What is compressed in another way is a file that says so.
  if (archive !== undefined) return 'file'
  const ending = path.extname(location).toLowerCase()
  switch (ending) {
    case '.zip':
    case '.exe':
      return (await isZipInside(location)) || ending === '.zip' ? 'zip' : 'file'
    case '.csv':
    case '.tsv':
      return 'csv'
    case '.jsonl':
    case '.ndjson':
      return 'jsonl'
    case '.tar':
      return 'tar'
    default:
      return 'file'
  }
}

export function openSource(kind: SourceKind, location: string): ImportSource {
  switch (kind) {
    case 'folder':
      return folderSource(location)
    case 'file':
      return fileSource(location)
    case 'zip':
      return describedArchive(() => zipEntries(location))
    case 'tar':
      return describedArchive(() => tarEntries(location))
    case 'csv':
      return csvSource(location)
    case 'jsonl':
      return jsonlSource(location)
    case 'warc':
    case 'wacz':
    case 'mhtml':
    case 'saved_page':
      return webArchiveSource(location, kind)
    case 'upload':
      throw new AppError(
        'bad_input',
        'The files of this import are sent through the service; send those that are missing again there.',
      )
  }
  throw new AppError('internal', `Unknown kind of source: ${String(kind)}`)
}

/** A zip with something before it, as programs that unpack themselves are; its end tells. */
async function isZipInside(location: string): Promise<boolean> {
  const bytes = await fileBytes(location)
  try {
    return (await findZip(bytes)) !== undefined
  } finally {
    await bytes.close()
  }
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const head = Buffer.alloc(ARCHIVE_HEAD_BYTES)
    const { bytesRead } = await handle.read(head, 0, ARCHIVE_HEAD_BYTES, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

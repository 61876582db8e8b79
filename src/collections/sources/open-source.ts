import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, reasonOf } from '../../errors.ts'
import type { SourceKind } from '../../store/schema.ts'
import { archiveSource } from './archive-source.ts'
import { fileSource, folderSource } from './folder-source.ts'
import { csvSource, jsonlSource } from './manifest-source.ts'
import type { ImportSource } from './source-item.ts'
import { tarEntries } from './tar-entries.ts'
import { detectArchive } from './web-archive/detect-archive.ts'
import { webArchiveSource } from './web-archive/web-archive-source.ts'
import { zipSource } from './zip-source.ts'

/** Bytes that tell a tar archive: 'ustar' stands at 257 (POSIX.1-1988, tar interchange format). */
const HEAD_BYTES = 512
const USTAR_AT = 257

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
  if (archive !== undefined) return 'tar'
  switch (path.extname(location).toLowerCase()) {
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
      return zipSource(location)
    case 'tar':
      return archiveSource(() => tarEntries(location))
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

/** Kind of archive that bytes begin; undefined when they begin none. */
export function archiveKind(head: Uint8Array): 'zip' | 'gzip' | 'tar' | '7z' | 'rar' | undefined {
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1')
  if (text.startsWith('PK\u0003\u0004') || text.startsWith('PK\u0005\u0006')) return 'zip'
  if (text.startsWith('\u001f\u008b')) return 'gzip'
  if (text.startsWith('ustar', USTAR_AT)) return 'tar'
  if (text.startsWith("7z\u00bc\u00af'\u001c")) return '7z'
  if (text.startsWith('Rar!\u001a\u0007')) return 'rar'
  return undefined
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, reasonOf } from '../errors.ts'

/** A file that may be a photo. `path` is as given by the user, joined with what lies below. */
export interface ListedFile {
  path: string
  sizeBytes: number
  modifiedMs: number
}

/** A file or folder that was left out, with the reason in words. */
export interface SkippedFile {
  path: string
  reason: string
  detail: string
}

/** Files that systems and programs leave in photo folders; they are passed over without a word. */
const SYSTEM_FILES = new Set(['Thumbs.db', 'desktop.ini', '.DS_Store'])
/** Folders below folders; deeper ones are named as skipped. */
const MAX_DEPTH = 64

/**
 * Lists every file below a folder, sorted by path. Links to files are followed, links to folders are not, so that a
 * circle of links cannot trap it. Hidden files and folders are passed over.
 * @throws AppError `not_found` or `bad_input` when the folder itself cannot be listed
 */
export async function listPhotos(folder: string): Promise<{ files: ListedFile[]; skipped: SkippedFile[] }> {
  const stats = await stat(folder).catch((error: unknown) => {
    throw new AppError('not_found', `${folder}: there is no such folder (${reasonOf(error)})`, {
      cause: error,
    })
  })
  if (!stats.isDirectory()) throw new AppError('bad_input', `${folder} is not a folder`)
  const found: { files: ListedFile[]; skipped: SkippedFile[] } = { files: [], skipped: [] }
  await listBelow(await realpath(folder).then(() => folder), 0, found)
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return found
}

async function listBelow(
  folder: string,
  depth: number,
  found: { files: ListedFile[]; skipped: SkippedFile[] },
): Promise<void> {
  if (depth > MAX_DEPTH) {
    found.skipped.push({ path: folder, reason: 'not_a_file', detail: `more than ${MAX_DEPTH} folders deep` })
    return
  }
  let entries
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    found.skipped.push({
      path: folder,
      reason: 'no_permission',
      detail: `the folder cannot be listed (${reasonOf(error)})`,
    })
    return
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.') || SYSTEM_FILES.has(entry.name)) continue
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) await listBelow(full, depth + 1, found)
    else await listFile(full, found)
  }
}

async function listFile(full: string, found: { files: ListedFile[]; skipped: SkippedFile[] }): Promise<void> {
  try {
    const stats = await stat(full)
    if (stats.isFile()) {
      found.files.push({ path: full, sizeBytes: stats.size, modifiedMs: stats.mtimeMs })
    } else if (stats.isDirectory()) {
      found.skipped.push({
        path: full,
        reason: 'not_a_file',
        detail: 'a link to a folder; such links are not followed',
      })
    } else {
      found.skipped.push({ path: full, reason: 'not_a_file', detail: 'this is a device, pipe or socket' })
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const detail =
      code === 'ELOOP'
        ? 'its symbolic links lead in a circle'
        : 'a link that leads nowhere, or a file that is gone'
    found.skipped.push({ path: full, reason: code === 'ELOOP' ? 'not_a_file' : 'file_not_found', detail })
  }
}

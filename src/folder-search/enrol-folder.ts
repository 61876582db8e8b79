import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { reasonOf } from '../errors.ts'
import type { DetectionMode, Engine, Face, PhotoReading } from '../engine/types.ts'
import { type ListedFile, listPhotos, type SkippedFile } from './list-photos.ts'
import type { ReadingCache, ReadingKey } from './reading-cache.ts'

/** A photo of the folder with its faces; may have none. */
export interface EnrolledPhoto {
  path: string
  sha256: string
  faces: Face[]
}

export interface EnrolledFolder {
  photos: EnrolledPhoto[]
  skipped: SkippedFile[]
  /** Files that were read now, and files whose readings were still known. */
  read: number
  cached: number
}

export interface EnrolProgress {
  done: number
  total: number
  faces: number
}

/** Files under way at once, per worker: enough that no worker waits for a hash. */
const UNDER_WAY_PER_WORKER = 3

/**
 * Reads every photo below a folder on all workers; what is already known is not read again. A file that cannot be read
 * is listed with the reason and the rest goes on.
 */
export async function enrolFolder(
  engine: Engine,
  cache: ReadingCache,
  folder: string,
  mode: DetectionMode,
  onProgress: (progress: EnrolProgress) => void = () => {},
): Promise<EnrolledFolder> {
  const { files, skipped } = await listPhotos(folder)
  const key: ReadingKey = { packId: engine.packId, pipelineVersion: engine.pipelineVersion, mode }
  const results: ({ photo: EnrolledPhoto } | { skip: SkippedFile })[] = []
  const counts = { read: 0, cached: 0, faces: 0, done: 0 }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const index = next++
      const { result, cached } = await enrolFile(engine, cache, files[index], key)
      results[index] = result
      counts[cached ? 'cached' : 'read']++
      counts.done++
      counts.faces += 'photo' in result ? result.photo.faces.length : 0
      onProgress({ done: counts.done, total: files.length, faces: counts.faces })
    }
  }
  await Promise.all(Array.from({ length: engine.workers * UNDER_WAY_PER_WORKER }, work))
  return {
    photos: results.flatMap((result) => ('photo' in result ? [result.photo] : [])),
    skipped: [...skipped, ...results.flatMap((result) => ('skip' in result ? [result.skip] : []))],
    read: counts.read,
    cached: counts.cached,
  }
}

async function enrolFile(
  engine: Engine,
  cache: ReadingCache,
  file: ListedFile,
  key: ReadingKey,
): Promise<{ result: { photo: EnrolledPhoto } | { skip: SkippedFile }; cached: boolean }> {
  const { reading, sha256, cached } = await readKnown(engine, cache, file, key)
  const result =
    reading.outcome === 'read'
      ? { photo: { path: file.path, sha256, faces: reading.faces } }
      : { skip: { path: file.path, reason: reading.reason, detail: reading.detail } }
  return { result, cached }
}

/** Reads a listed file, unless its reading is still known. `sha256` is empty for a file that could not be opened. */
export async function readKnown(
  engine: Engine,
  cache: ReadingCache,
  file: ListedFile,
  key: ReadingKey,
): Promise<{ reading: PhotoReading; sha256: string; cached: boolean }> {
  let sha256: string
  try {
    sha256 = cache.knownHash(file) ?? (await hashFile(file.path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const gone = code === 'ENOENT'
    const reason = gone ? 'file_not_found' : code === 'EACCES' ? 'no_permission' : 'read_failed'
    const detail = gone
      ? 'it vanished while the folder was read'
      : code === 'EACCES'
        ? 'no permission to read it'
        : reasonOf(error)
    return { reading: { outcome: 'unreadable', reason, detail }, sha256: '', cached: false }
  }
  const known = cache.find(sha256, key)
  const reading = known ?? (await engine.readPhoto(file.path, { mode: key.mode }))
  if (known === undefined && isFinal(reading)) cache.remember(sha256, key, reading)
  cache.rememberHash(file, sha256)
  return { reading, sha256, cached: known !== undefined }
}

/** Whether reading the same bytes again would say the same; not so for what the machine, not the file, is to blame for. */
function isFinal(reading: PhotoReading): boolean {
  if (reading.outcome === 'read') return true
  return !['took_too_long', 'out_of_memory', 'file_not_found', 'no_permission', 'read_failed'].includes(
    reading.reason,
  )
}

/** SHA-256 of a file's bytes, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

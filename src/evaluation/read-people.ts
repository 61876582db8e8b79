import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DetectionMode, Engine, Face } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { readKnown } from '../folder-search/enrol-folder.ts'
import { listPhotos, type ListedFile, type SkippedFile } from '../folder-search/list-photos.ts'
import type { ReadingCache } from '../folder-search/reading-cache.ts'

/** One labelled photo: whose face it shows, and the face that was taken for theirs. */
export interface LabelledPhoto {
  person: string
  file: string
  /** Undefined when no face was found. */
  face: Face | undefined
}

export interface LabelledPeople {
  photos: LabelledPhoto[]
  skipped: SkippedFile[]
}

/** Photos read at once, per worker. */
const UNDER_WAY_PER_WORKER = 2

/**
 * Reads a folder of labelled photos, one sub-folder a person; what is still known is not read again.
 * @throws AppError `bad_input` when fewer than two sub-folders hold photos
 */
export async function readPeople(
  engine: Engine,
  cache: ReadingCache,
  folder: string,
  mode: DetectionMode,
  onProgress: (done: number, total: number) => void,
): Promise<LabelledPeople> {
  const { files, skipped } = await listPeopleFiles(folder)
  const photos: (LabelledPhoto | undefined)[] = []
  const key = { packId: engine.packId, pipelineVersion: engine.pipelineVersion, mode }
  let done = 0
  await mapInOrder(engine.workers * UNDER_WAY_PER_WORKER, files, async ({ person, file }, index) => {
    const { reading } = await readKnown(engine, cache, file, key)
    if (reading.outcome === 'read') {
      photos[index] = {
        person,
        file: file.path,
        face: labelledFace(reading.faces, reading.photo.widthPx, reading.photo.heightPx),
      }
    } else {
      skipped.push({ path: file.path, reason: reading.reason, detail: reading.detail })
    }
    onProgress(++done, files.length)
  })
  return { photos: photos.filter((photo) => photo !== undefined), skipped }
}

async function listPeopleFiles(
  folder: string,
): Promise<{ files: { person: string; file: ListedFile }[]; skipped: SkippedFile[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new AppError('not_found', `${folder}: there is no such folder`, { cause: error })
  })
  const files: { person: string; file: ListedFile }[] = []
  const skipped: SkippedFile[] = []
  for (const entry of entries.filter(
    (candidate) => candidate.isDirectory() && !candidate.name.startsWith('.'),
  )) {
    const listed = await listPhotos(path.join(folder, entry.name))
    files.push(...listed.files.map((file) => ({ person: entry.name, file })))
    skipped.push(...listed.skipped)
  }
  if (new Set(files.map(({ person }) => person)).size < 2)
    throw new AppError(
      'bad_input',
      `${folder}: expected one sub-folder a person, and photos of at least two people`,
    )
  return { files, skipped }
}

/** Runs work over items, at most `limit` at once. */
export async function mapInOrder<T>(
  limit: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      await work(items[index], index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
}

/** The face that a label means when a photo shows several: large and in the middle. */
export function labelledFace(faces: readonly Face[], width: number, height: number): Face | undefined {
  const prominence = ({ boxPx }: Face): number => {
    const dx = boxPx.x + boxPx.width / 2 - width / 2
    const dy = boxPx.y + boxPx.height / 2 - height / 2
    return boxPx.width * (1 - Math.hypot(dx, dy) / Math.hypot(width / 2, height / 2)) ** 2
  }
  return faces.toSorted((a, b) => prominence(b) - prominence(a))[0]
}

/** Bytes of a labelled photo, for degrading it. */
export async function photoBytes(photo: LabelledPhoto): Promise<Uint8Array> {
  return readFile(photo.file)
}

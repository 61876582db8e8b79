import { parentPort, workerData } from 'node:worker_threads'
import { AppError, reasonOf } from '../../errors.ts'
import { readFileBytes } from '../decode/read-file-bytes.ts'
import { followFaces } from '../follow-faces.ts'
import { loadPack } from '../pack/load-pack.ts'
import { type LoadedPack } from '../pack/loaded-pack.ts'
import { readMarkedFace, readPhoto } from '../read-photo.ts'
import type { FollowedFaces, PhotoReading } from '../types.ts'
import type { Readiness, TaskStarted, WorkerSettings, WorkerTask } from './messages.ts'
import { listenTo, throwIfStopped } from './stop.ts'

const { pack: installed } = workerData as WorkerSettings
type Loading = { pack: LoadedPack } | { error: unknown }
let loading = load()

function load(): Promise<Loading> {
  return loadPack(installed.folder, installed.manifest).then(
    (pack) => ({ pack }),
    (error: unknown) => ({ error }),
  )
}

/** Waits until this worker's networks are loaded, and says what is wrong when they cannot be. */
export async function prepare(): Promise<Readiness> {
  const loaded = await loading
  if ('pack' in loaded) return { ready: true }
  const code = loaded.error instanceof AppError ? loaded.error.code : 'internal'
  return { ready: false, code, message: reasonOf(loaded.error) }
}

/** Reads one photo with this worker's own networks. */
export async function readInWorker({
  task,
  photo,
  mode,
  markedPoints,
  near,
  stop,
}: WorkerTask): Promise<PhotoReading | FollowedFaces> {
  listenTo(stop)
  throwIfStopped()
  let loaded = await loading
  if ('error' in loaded) {
    // A worker that took the place of another one may have met a disk in trouble; with the next photo it tries again.
    loading = load()
    loaded = await loading
    if ('error' in loaded) throw loaded.error
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ startedTask: task } satisfies TaskStarted)
  const file =
    typeof photo === 'string' ? await readFileBytes(photo) : { outcome: 'bytes' as const, bytes: photo }
  if (file.outcome === 'unreadable') return file
  if (near !== undefined) return followFaces(loaded.pack, file.bytes, near)
  if (markedPoints !== undefined) return readMarkedFace(loaded.pack, file.bytes, markedPoints, mode)
  return readPhoto(loaded.pack, file.bytes, mode)
}

import { workerData } from 'node:worker_threads'
import { readFileBytes } from '../decode/read-file-bytes.ts'
import { loadPack } from '../pack/load-pack.ts'
import { readMarkedFace, readPhoto } from '../read-photo.ts'
import type { PhotoReading } from '../types.ts'
import type { WorkerSettings, WorkerTask } from './messages.ts'

const { pack: installed } = workerData as WorkerSettings
const pack = await loadPack(installed.folder, installed.manifest)

/** Entry of a worker thread: reads one photo at a time with networks of its own. */
export async function readInWorker({ photo, mode, markedPoints }: WorkerTask): Promise<PhotoReading> {
  const file =
    typeof photo === 'string' ? await readFileBytes(photo) : { outcome: 'bytes' as const, bytes: photo }
  if (file.outcome === 'unreadable') return file
  if (markedPoints !== undefined) return readMarkedFace(pack, file.bytes, markedPoints, mode)
  return readPhoto(pack, file.bytes, mode)
}

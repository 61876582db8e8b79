import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { findPack } from './pack/find-pack.ts'
import type { FetchProgress } from './pack/fetch-npm-files.ts'
import { PIPELINE_VERSION } from './read-photo.ts'
import type { Engine, PhotoReading } from './types.ts'
import type { WorkerSettings, WorkerTask } from './worker/messages.ts'

export interface EngineOptions {
  /** Id of an installed model pack; the default pack otherwise, fetched when it is not on this machine yet. */
  packId?: string
  /** Worker threads, one photo each; all cores otherwise. */
  workers?: number
  /** Called while the default pack is fetched. */
  onFetch?: (progress: FetchProgress) => void
}

/** Photos that may wait for a worker; more are refused, so that a queue cannot grow without end. */
const MAX_WAITING = 1024

/**
 * Starts the engine: finds the model pack and loads its networks on each worker thread.
 * @example
 * const engine = await createEngine()
 * const reading = await engine.readPhoto('photo.jpg')
 * if (reading.outcome === 'read') console.log(reading.faces.length)
 * await engine.close()
 * @throws AppError `models_unavailable`, `models_refused` or `not_found` when the pack cannot be used
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const pack = await findPack(options.packId, options.onFetch)
  const workers = options.workers ?? os.availableParallelism()
  const workerData: WorkerSettings = { pack }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const pool = new Piscina<WorkerTask, PhotoReading>({
    filename: fileURLToPath(new URL(`./worker/read-photo-worker.${extension}`, import.meta.url)),
    name: 'readInWorker',
    minThreads: workers,
    maxThreads: workers,
    maxQueue: MAX_WAITING,
    workerData,
  })
  return {
    packId: pack.manifest.id,
    pipelineVersion: PIPELINE_VERSION,
    calibration: pack.manifest.calibration,
    templateLength: pack.manifest.embedder.templateLength,
    workers,
    readPhoto: async (photo, { mode = 'standard', signal } = {}) =>
      pool.run({ photo, mode }, { name: 'readInWorker', ...(signal === undefined ? {} : { signal }) }),
    readMarkedFace: async (photo, markedPoints) =>
      pool.run({ photo, mode: 'standard', markedPoints }, { name: 'readInWorker' }),
    close: async () => pool.destroy(),
  }
}

import os from 'node:os'
import { findPack } from './pack/find-pack.ts'
import { templateLengthOf } from './pack/manifest.ts'
import type { FetchProgress } from './pack/keep-files.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import type { Engine } from './types.ts'
import { PhotoPool } from './worker/photo-pool.ts'

export interface EngineOptions {
  /** Id of an installed model pack; the default pack otherwise, fetched when it is not on this machine yet. */
  packId?: string
  /** Worker threads, one photo each; all cores otherwise. */
  workers?: number
  /** A photo that takes longer than this, not counting the wait for a worker, is unreadable; {@link MAX_PHOTO_SECONDS} otherwise. */
  maxPhotoSeconds?: number
  /** Called while the default pack is fetched. */
  onFetch?: (progress: FetchProgress) => void
}

/** Ten times what a picture at every limit with hundreds of faces takes on one slow core. */
const MAX_PHOTO_SECONDS = 300

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
  const pool = await PhotoPool.start({ pack }, workers, options.maxPhotoSeconds ?? MAX_PHOTO_SECONDS)
  return {
    packId: pack.manifest.id,
    pipelineVersion: PIPELINE_VERSION,
    calibration: pack.manifest.calibration,
    templateLength: templateLengthOf(pack.manifest),
    workers,
    readPhoto: async (photo, { mode = 'standard', signal } = {}) => pool.read({ photo, mode }, signal),
    readMarkedFace: async (photo, markedPoints) =>
      pool.read({ photo, mode: 'standard', markedPoints }, undefined),
    followFaces: async (photo, near, signal) => pool.follow({ photo, mode: 'standard', near }, signal),
    close: async () => pool.close(),
  }
}

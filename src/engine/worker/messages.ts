import type { InstalledPack } from '../pack/find-pack.ts'
import type { DetectionMode, FivePoints } from '../types.ts'

/** What every worker is started with. */
export interface WorkerSettings {
  pack: InstalledPack
}

/** One photo to read: its bytes, or its path. */
export interface WorkerTask {
  photo: Uint8Array | string
  mode: DetectionMode
  markedPoints?: FivePoints
}

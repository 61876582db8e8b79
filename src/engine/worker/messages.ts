import type { ErrorCode } from '../../errors.ts'
import type { NearFace } from '../follow-faces.ts'
import type { InstalledPack } from '../pack/find-pack.ts'
import type { DetectionMode, FivePoints } from '../types.ts'

/** What every worker is started with. */
export interface WorkerSettings {
  pack: InstalledPack
}

/** Whether a worker's networks are in memory. An error keeps its code only when it is sent as a plain value. */
export type Readiness = { ready: true } | { ready: false; code: ErrorCode; message: string }

/** Sent by a worker when it takes a task up, so that time spent waiting for a worker does not count. */
export interface TaskStarted {
  startedTask: number
}

/** One photo to read: its bytes, or its path. */
export interface WorkerTask {
  /** Number of the task, in this engine. */
  task: number
  photo: Uint8Array | string
  mode: DetectionMode
  /** One 32-bit number in shared memory: 1 as soon as nobody wants the photo read any more. */
  stop: Int32Array<SharedArrayBuffer>
  markedPoints?: FivePoints
  /** Faces to follow instead of looking for any. */
  near?: readonly NearFace[]
}

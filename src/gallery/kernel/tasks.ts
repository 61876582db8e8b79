import type { ShardLayout } from './shard-layout.ts'

/** What a worker thread is started with. */
export interface WorkerStart {
  module: WebAssembly.Module
  layout: ShardLayout
  worker: number
}

/** Work for one worker thread; shards are named by their number. */
export type Task =
  | { kind: 'shard'; memory: WebAssembly.Memory }
  | { kind: 'encode'; shard: number; firstRow: number; count: number }
  | { kind: 'recode'; shard: number; firstRow: number; count: number }
  | { kind: 'scan'; slot: number; queries: number; rows: number[] }
  | { kind: 'pairs'; pairsOf: PairsTask }
  | { kind: 'read'; shard: number; from: number; bytes: number }

/** Rows to compare each with each; persons are numbers from 0, or negative for rows nobody has named. */
export interface PairsTask {
  x: SampledRows
  y: SampledRows
}

export interface SampledRows {
  shards: Uint16Array
  rows: Uint32Array
  persons: Int32Array
}

export interface TaskMessage {
  number: number
  task: Task
}

export interface TaskReply {
  number: number
  /** Counts of scores per bin, for `pairs`. */
  histogram?: Uint32Array
  error?: string
}

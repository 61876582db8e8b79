import { parentPort, workerData } from 'node:worker_threads'
import { guessingPoints, predictFloor } from './floor-prediction.ts'
import { startKernel, type Kernel } from './kernel.ts'
import {
  CHUNK_ROWS,
  HEAP,
  HISTOGRAM_BINS,
  MAX_BATCH,
  NO_FLOOR,
  QUERY,
  SCORE_STEPS,
  SLOT,
} from './shard-layout.ts'
import type { PairsTask, SampledRows, Task, TaskMessage, TaskReply, WorkerStart } from './tasks.ts'

// A worker thread of the gallery: takes tasks in order, works on shared memory, answers when done.

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `worker-pool.ts` starts threads with
const { module, layout, worker } = workerData as WorkerStart
const memories: WebAssembly.Memory[] = []
const kernels: Kernel[] = []

parentPort!.on('message', ({ number, task }: TaskMessage) => {
  const reply: TaskReply = { number }
  try {
    const histogram = perform(task)
    if (histogram !== undefined) reply.histogram = histogram
  } catch (error) {
    reply.error = error instanceof Error ? error.message : String(error)
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(reply)
})

function perform(task: Task): Uint32Array | undefined {
  switch (task.kind) {
    case 'shard':
      memories.push(task.memory)
      kernels.push(startKernel(module, task.memory, layout))
      return undefined
    case 'encode': {
      const staging = layout.stagingAt + worker * layout.stagingBytes
      kernels[task.shard].encode(staging, task.firstRow, task.count, worker)
      return undefined
    }
    case 'recode':
      kernels[task.shard].recode(task.firstRow, task.count, worker)
      return undefined
    case 'scan':
      scanShards(task.slot, task.queries, task.rows)
      return undefined
    case 'pairs':
      return comparePairs(task.pairsOf)
    case 'read':
      kernels[task.shard].readThrough(task.from, task.bytes)
      return undefined
    default:
      throw new Error('unknown task')
  }
}

/** Scans shard after shard; on the way, what all threads have found raises the floors. */
function scanShards(slot: number, queries: number, rows: number[]): void {
  const points = guessingPoints(sum(rows))
  let before = 0
  for (let shard = 0; shard < rows.length; shard++) {
    if (shard > 0) raise(floorsOf(shard, slot), floorsOf(shard - 1, slot))
    for (const point of points.filter((rows) => rows > before)) {
      if (point - before > rows[shard]) break
      kernels[shard].scan(slot, worker, point - before, queries)
      raise(floorsOf(shard, slot), guessFloors(slot, queries, rows, shard))
    }
    kernels[shard].scan(slot, worker, rows[shard], queries)
    before += rows[shard]
  }
}

function floorsOf(shard: number, slot: number): Int32Array {
  const at = layout.slotsAt + slot * layout.slotBytes + SLOT.floors
  return new Int32Array(memories[shard].buffer, at, MAX_BATCH)
}

/**
 * Floors from what this and the other threads have found up to this shard. [Note: the predicted floor]
 * Others write while this reads, so a similarity may be seen twice: then the floor is too high, as a guess may be.
 */
function guessFloors(slot: number, queries: number, rows: number[], last: number): Int32Array {
  const next = new Int32Array(memories[last].buffer, layout.slotsAt + slot * layout.slotBytes + SLOT.next, 1)
  // Rows that threads have taken but not looked at yet make the guess a little lower.
  const taken = sum(rows.slice(0, last)) + Math.min(Atomics.load(next, 0) * CHUNK_ROWS, rows[last])
  const all = sum(rows)
  const guesses = new Int32Array(MAX_BATCH).fill(NO_FLOOR)
  const first = new DataView(memories[0].buffer)
  for (let query = 0; query < queries; query++) {
    const queryAt = layout.slotsAt + slot * layout.slotBytes + SLOT.queries + query * layout.queryBytes
    const wanted = first.getInt32(queryAt + QUERY.wanted, true)
    if (first.getInt32(queryAt + QUERY.guess, true) === 0) continue
    const scores: number[] = []
    let seen = 0
    for (let shard = 0; shard <= last; shard++) {
      const view = new DataView(memories[shard].buffer)
      for (let other = 0; other < layout.workers; other++) {
        const at =
          layout.resultsAt + ((slot * layout.workers + other) * MAX_BATCH + query) * layout.resultBytes
        const count = view.getUint32(at + HEAP.count, true)
        for (let i = 0; i < count; i++) scores.push(view.getFloat32(at + HEAP.entries + i * 8, true))
        seen += Number(view.getBigUint64(at + HEAP.seen, true))
      }
    }
    if (scores.length < wanted) continue
    const wth = scores.toSorted((a, b) => b - a)[wanted - 1]
    guesses[query] = Math.floor(predictFloor(wth, wanted, seen, (seen / taken) * all) * SCORE_STEPS)
  }
  return guesses
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function raise(floors: Int32Array, to: Int32Array): void {
  for (let query = 0; query < MAX_BATCH; query++) {
    let now = Atomics.load(floors, query)
    while (now < to[query]) {
      const before = Atomics.compareExchange(floors, query, now, to[query])
      if (before === now) break
      now = before
    }
  }
}

/** Copies the rows of both lists together, for they lie in any shard, and compares each with each. */
function comparePairs({ x, y }: PairsTask): Uint32Array {
  const xAt = layout.scratchAt + worker * layout.scratchBytes
  const yAt = xAt + x.rows.length * (layout.rowBytes + 8)
  const histogramAt = yAt + y.rows.length * (layout.rowBytes + 8)
  gather(x, xAt)
  gather(y, yAt)
  const histogram = new Uint32Array(memories[0].buffer, histogramAt, HISTOGRAM_BINS)
  histogram.fill(0)
  kernels[0].samplePairs(xAt, x.rows.length, yAt, y.rows.length, histogramAt, HISTOGRAM_BINS)
  return new Uint32Array(histogram)
}

function gather({ shards, rows, persons }: SampledRows, to: number): void {
  const target = memories[0].buffer
  const scales = new Float32Array(target, to, rows.length)
  new Int32Array(target, to + rows.length * 4, rows.length).set(persons)
  const templates = new Uint8Array(target, to + rows.length * 8, rows.length * layout.rowBytes)
  rows.forEach((row, i) => {
    const source = memories[shards[i]].buffer
    scales[i] = new Float32Array(source, layout.scaleAt + row * 4, 1)[0]
    templates.set(
      new Uint8Array(source, layout.int8At + row * layout.rowBytes, layout.rowBytes),
      i * layout.rowBytes,
    )
  })
}

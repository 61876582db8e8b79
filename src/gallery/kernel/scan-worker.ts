import { parentPort, workerData } from 'node:worker_threads'
import { FEWEST_ROWS_FOR_GUESSING, predictFloor, warmUpRows } from './floor-prediction.ts'
import { startKernel, type Kernel } from './kernel.ts'
import { HEAP, HISTOGRAM_BINS, MAX_BATCH, QUERY, SCORE_STEPS, SLOT } from './shard-layout.ts'
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

/** The best that one shard held is the least worth keeping in the next. */
function scanShards(slot: number, queries: number, rows: number[]): void {
  const floorsAt = (layout.slotsAt + slot * layout.slotBytes + SLOT.floors) >> 2
  let floors: Int32Array | undefined
  for (let shard = 0; shard < rows.length; shard++) {
    const here = new Int32Array(memories[shard].buffer, floorsAt << 2, MAX_BATCH)
    if (floors !== undefined) raise(here, floors)
    kernels[shard].begin(slot, worker, queries)
    if (shard === 0) warmUp(slot, queries, rows)
    kernels[shard].scan(slot, worker, rows[shard], queries)
    floors = here.slice()
  }
}

/** Scans a first part of the rows and raises the floors by what it shows. [Note: the predicted floor] */
function warmUp(slot: number, queries: number, rows: number[]): void {
  const all = rows.reduce((sum, count) => sum + count, 0)
  if (all < FEWEST_ROWS_FOR_GUESSING) return
  const first = warmUpRows(all)
  if (first > rows[0]) return
  const taken = kernels[0].scan(slot, worker, first, queries)
  const { buffer } = memories[0]
  const view = new DataView(buffer)
  const slotAt = layout.slotsAt + slot * layout.slotBytes
  const guesses = new Int32Array(MAX_BATCH).fill(-(2 ** 31))
  for (let query = 0; query < queries; query++) {
    const queryAt = slotAt + SLOT.queries + query * layout.queryBytes
    const heapAt =
      layout.resultsAt + ((slot * layout.workers + worker) * MAX_BATCH + query) * layout.resultBytes
    const wanted = view.getInt32(queryAt + QUERY.wanted, true)
    if (
      view.getInt32(queryAt + QUERY.guess, true) === 0 ||
      view.getUint32(heapAt + HEAP.count, true) < wanted
    ) {
      continue
    }
    const seen = Number(view.getBigUint64(heapAt + HEAP.seen, true))
    const wth = view.getFloat32(heapAt + HEAP.entries, true)
    guesses[query] = Math.floor(predictFloor(wth, wanted, seen, (seen / taken) * all) * SCORE_STEPS)
  }
  raise(new Int32Array(buffer, slotAt + SLOT.floors, MAX_BATCH), guesses)
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

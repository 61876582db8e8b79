import { AppError } from '../errors.ts'
import {
  HEAP,
  LISTED_TAGS,
  MAX_BATCH,
  MAX_IN_FLIGHT,
  NO_FLOOR,
  QUERY,
  SCORE_STEPS,
  SLOT,
  type ShardLayout,
} from './kernel/shard-layout.ts'
import type { Shard } from './kernel/shard.ts'
import type { WorkerPool } from './kernel/worker-pool.ts'
import { GALLERY_LIMITS } from './limits.ts'
import { ESTIMATE_Z, estimateDeviation, keptFor, STRIPED_Z, stripedDeviation } from './search-plan.ts'
import type { GalleryFilter, SearchOptions } from './types.ts'

/**
 * [Note: the scan]
 * A search is bound by memory: reading the codes once takes longer than comparing them with one query. So queries that wait
 * together share one pass (up to MAX_BATCH), worker threads take pieces of the rows from one counter, and a second batch is
 * always handed out before the first is done, so that no thread idles while the main thread collects. Shortlist, estimate and
 * int8 comparison happen in the same pass over pieces that are still in the first-level cache; nothing is handed from stage
 * to stage but numbers of rows.
 */

/** What the scan found for a query: rows with their int8 similarities, in no order. */
export interface ScanResult {
  hits: { shard: number; row: number; score: number }[]
  facesSearched: number
  estimated: number
  compared: number
}

interface Waiting {
  query: Float32Array
  options: SearchOptions
  resolve: (result: ScanResult) => void
  reject: (error: unknown) => void
  /** Whether the floor may be guessed; not after a guess that was too high. */
  guess: boolean
  /** Ends the query where it now is, in the queue or in a slot. */
  stop: () => void
}

/** Queries that share each reading of the stripes, see `scanTileByFour` of the kernel. */
const SHARING_QUERIES = 4

const FILTER_BY_TAG = 1
const FILTER_BY_DAY = 2

/** Lets queries wait, batches them, runs batches on all workers. */
export class ScanQueue {
  #pool: WorkerPool
  #shards: Shard[]
  #layout: ShardLayout
  #waiting: Waiting[] = []
  #freeSlots = Array.from({ length: MAX_IN_FLIGHT }, (_, slot) => slot)
  /** Calls that wait for all batches to end; while there are any, no batch begins. */
  #exclusive: (() => void)[] = []
  #closed = false
  /** Square of the length of the gallery's mean. */
  meanSquare = 0

  constructor(pool: WorkerPool, shards: Shard[], layout: ShardLayout) {
    this.#pool = pool
    this.#shards = shards
    this.#layout = layout
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Scans for one query; refused as `busy` when too many wait. */
  scan(query: Float32Array, options: SearchOptions): Promise<ScanResult> {
    if (this.#closed) return Promise.reject(closed())
    if (options.signal?.aborted) return Promise.reject(options.signal.reason)
    if (this.#waiting.length >= GALLERY_LIMITS.waitingQueries) {
      return Promise.reject(
        new AppError(
          'busy',
          `${GALLERY_LIMITS.waitingQueries} searches wait already; try again in a moment.`,
        ),
      )
    }
    return new Promise((resolve, reject) => {
      const { signal } = options
      const item: Waiting = {
        query,
        options,
        guess: options.exact !== true,
        resolve: (result) => {
          signal?.removeEventListener('abort', abort)
          resolve(result)
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
        stop: () => {
          this.#waiting = this.#waiting.filter((other) => other !== item)
        },
      }
      const abort = (): void => {
        item.stop()
        item.reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(item)
      this.#pump()
    })
  }

  /** Runs `work` while no scan runs; scans that arrive meanwhile wait. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#exclusive.push(resolve)
      this.#pump()
    })
    try {
      return await work()
    } finally {
      this.#exclusive.shift()
      this.#pump()
    }
  }

  close(): void {
    this.#closed = true
    for (const item of this.#waiting.splice(0)) item.reject(closed())
  }

  #pump(): void {
    if (this.#exclusive.length > 0) {
      if (this.#freeSlots.length === MAX_IN_FLIGHT) this.#exclusive[0]()
      return
    }
    while (this.#waiting.length > 0 && this.#freeSlots.length > 0) {
      const isAlone = this.#freeSlots.length === MAX_IN_FLIGHT
      // Behind a batch that runs, a smaller one would only keep the queries that come next from sharing its pass.
      if (!isAlone && this.#waiting.length < SHARING_QUERIES) return
      const slot = this.#freeSlots.pop()!
      const batch = this.#waiting.splice(0, this.#waiting.length < MAX_BATCH ? SHARING_QUERIES : MAX_BATCH)
      void this.#runBatch(slot, batch).finally(() => {
        this.#freeSlots.push(slot)
        this.#pump()
      })
    }
  }

  async #runBatch(slot: number, batch: Waiting[]): Promise<void> {
    try {
      const rows = this.#shards.map((shard) => shard.rows)
      if (rows.length > 0) {
        this.#fillSlot(slot, batch)
        await this.#pool.runOnAll({ kind: 'scan', slot, queries: batch.length, rows })
      }
      batch.forEach((item, i) => this.#finish(slot, i, item, rows))
    } catch (error) {
      for (const item of batch) item.reject(error)
    }
  }

  /** Answers the query, or lets it wait again when its floor was guessed too high. */
  #finish(slot: number, query: number, item: Waiting, rows: number[]): void {
    const result = this.#collect(slot, query, rows)
    const reached = result.hits.map(({ score }) => score).toSorted((a, b) => b - a)[
      keptFor(item.options.k) - 1
    ]
    const floorAt = (this.#layout.slotsAt + slot * this.#layout.slotBytes + SLOT.floors) >> 2
    const floor = Math.max(...this.#shards.map(({ words }) => words[floorAt + query])) / SCORE_STEPS
    // Floors are rounded down, so what they were taken from reaches them.
    if (item.guess && (reached ?? -Infinity) < floor && !item.options.signal?.aborted) {
      item.guess = false
      this.#waiting.unshift(item)
      return
    }
    item.resolve(result)
  }

  /** Writes the batch's queries into the slot of every shard. */
  #fillSlot(slot: number, batch: Waiting[]): void {
    const layout = this.#layout
    const slotAt = layout.slotsAt + slot * layout.slotBytes
    const [first, ...others] = this.#shards
    first.words[(slotAt + SLOT.next) >> 2] = 0
    first.words[(slotAt + SLOT.stop) >> 2] = 0
    const floorsAt = (slotAt + SLOT.floors) >> 2
    first.words.fill(NO_FLOOR, floorsAt, floorsAt + MAX_BATCH)
    batch.forEach((item, i) => {
      const queryAt = slotAt + SLOT.queries + i * layout.queryBytes
      this.#writeQuery(first, queryAt, item)
      item.stop = () => {
        for (const { words } of this.#shards) Atomics.store(words, (queryAt + QUERY.active) >> 2, 0)
      }
    })
    const used = slotAt + SLOT.queries + batch.length * layout.queryBytes
    for (const { bytes } of others) bytes.set(first.bytes.subarray(slotAt, used), slotAt)
    this.#emptyResults(slot, batch.length)
  }

  /** Before any thread begins: each looks at what the others have found. */
  #emptyResults(slot: number, queries: number): void {
    const { workers } = this.#layout
    for (const { bytes } of this.#shards) {
      for (let worker = 0; worker < workers; worker++) {
        for (let query = 0; query < queries; query++) {
          const at = this.#resultsAt(slot, worker, query)
          bytes.fill(0, at, at + HEAP.entries)
        }
      }
    }
  }

  #resultsAt(slot: number, worker: number, query: number): number {
    const { resultsAt, resultBytes, workers } = this.#layout
    return resultsAt + ((slot * workers + worker) * MAX_BATCH + query) * resultBytes
  }

  #writeQuery({ bytes, view, words }: Shard, at: number, { query, options, guess }: Waiting): void {
    const layout = this.#layout
    const { codeAt, planesAt, tablesAt, int16At, tagBitsAt } = layout.query
    // The main thread's part of the working memory: the rotated query is made at its start, the float query behind that.
    const worker = layout.workers
    const floatAt = layout.scratchAt + worker * layout.scratchBytes + layout.rotated * 4
    bytes.set(new Uint8Array(query.buffer, query.byteOffset, query.byteLength), floatAt)
    this.#pool.mainKernel!.encodeQuery(floatAt, at, codeAt, planesAt, tablesAt, int16At, worker)

    // cosine = centred cosine x both centred lengths + query . mean + template . mean - mean . mean; over the gallery the last
    // two cancel, and a template's centred length is about sqrt(1 - mean . mean).
    const centredLength = view.getFloat32(at + QUERY.centredLength, true)
    const slope = 1 / Math.max(centredLength * Math.sqrt(Math.max(1 - this.meanSquare, 0)), 1e-6)
    view.setFloat32(at + QUERY.slope, slope, true)
    view.setFloat32(at + QUERY.intercept, -slope * view.getFloat32(at + QUERY.meanDot, true), true)
    view.setFloat32(at + QUERY.estimateMargin, ESTIMATE_Z * estimateDeviation(layout.rotated), true)
    const share = view.getFloat32(at + QUERY.stripedShare, true)
    view.setFloat32(at + QUERY.tableMargin, STRIPED_Z * stripedDeviation(layout.rotated, share), true)

    const set = (field: number, value: number): void => void (words[(at + field) >> 2] = value)
    set(QUERY.wanted, keptFor(options.k))
    set(QUERY.active, options.signal?.aborted ? 0 : 1)
    set(QUERY.guess, guess ? 1 : 0)
    set(QUERY.exact, options.exact ? 1 : 0)
    set(QUERY.codeAt, codeAt)
    set(QUERY.planesAt, planesAt)
    set(QUERY.tablesAt, tablesAt)
    set(QUERY.int16At, int16At)
    set(QUERY.tagBitsAt, tagBitsAt)
    const { tags, firstDay, lastDay } = options.filter ?? ({} satisfies GalleryFilter)
    const byDay = firstDay !== undefined || lastDay !== undefined
    set(QUERY.filter, (tags === undefined ? 0 : FILTER_BY_TAG) | (byDay ? FILTER_BY_DAY : 0))
    // The least int32 is the unknown day and passes no date filter.
    set(QUERY.firstDay, firstDay ?? NO_FLOOR + 1)
    set(QUERY.lastDay, lastDay ?? 2 ** 31 - 1)
    set(QUERY.listedTags, 0)
    if (tags === undefined) return
    if (tags.length > 0 && tags.length <= LISTED_TAGS) {
      set(QUERY.listedTags, tags.length)
      tags.forEach((tag, i) => view.setUint16(at + QUERY.tagList + i * 2, tag, true))
      return
    }
    bytes.fill(0, at + tagBitsAt, at + tagBitsAt + (GALLERY_LIMITS.largestTag + 1) / 8)
    for (const tag of tags) bytes[at + tagBitsAt + (tag >> 3)] |= 1 << (tag & 7)
  }

  #collect(slot: number, query: number, rows: number[]): ScanResult {
    const layout = this.#layout
    const result: ScanResult = { hits: [], facesSearched: 0, estimated: 0, compared: 0 }
    rows.forEach((_, number) => {
      const { view } = this.#shards[number]
      for (let worker = 0; worker < layout.workers; worker++) {
        const at = this.#resultsAt(slot, worker, query)
        result.facesSearched += Number(view.getBigUint64(at + HEAP.seen, true))
        result.estimated += Number(view.getBigUint64(at + HEAP.estimated, true))
        result.compared += Number(view.getBigUint64(at + HEAP.compared, true))
        const count = view.getUint32(at + HEAP.count, true)
        for (let i = 0; i < count; i++) {
          const entry = at + HEAP.entries + i * 8
          const score = view.getFloat32(entry, true)
          result.hits.push({ shard: number, row: view.getUint32(entry + 4, true), score })
        }
      }
    })
    return result
  }
}

function closed(): AppError {
  return new AppError('conflict', 'The gallery is closed.')
}

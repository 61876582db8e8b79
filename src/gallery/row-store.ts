import { makeShard, isAlive, setAlive, wipeRow, type Shard } from './kernel/shard.ts'
import { STAGING_ROWS, type ShardLayout } from './kernel/shard-layout.ts'
import { transformSigns } from './kernel/transform.ts'
import type { WorkerPool } from './kernel/worker-pool.ts'
import type { GalleryRow } from './types.ts'

/** The day of a row whose day is unknown. */
export const NO_DAY = -(2 ** 31)
/** Rows that the mean is taken from; its error is then a 64th of the spread between faces. */
const MEAN_SAMPLE_ROWS = 4096
/** Below this the gallery is its own sample of nothing, and the mean stays zero. */
const FEWEST_ROWS_FOR_MEAN = 256

/** Where a row is. */
export interface RowPlace {
  shard: number
  row: number
}

/** Consecutive rows of one shard. */
export interface RowSpan {
  shard: number
  firstRow: number
  count: number
}

/** The rows in memory, over all shards, in ascending order of id. */
export class RowStore {
  readonly shards: Shard[] = []
  readonly layout: ShardLayout
  readonly mean: Float32Array
  alive = 0
  lastId = 0
  #pool: WorkerPool
  /** Whose turn it is to recode. */
  #turn = 0
  #signs: Float32Array

  constructor(layout: ShardLayout, pool: WorkerPool) {
    this.layout = layout
    this.#pool = pool
    this.mean = new Float32Array(layout.rotated)
    this.#signs = transformSigns(layout.rotated)
  }

  /** Rows in use, removed ones included. */
  get rows(): number {
    return this.shards.reduce((sum, shard) => sum + shard.rows, 0)
  }

  get meanSquare(): number {
    return this.mean.reduce((sum, x) => sum + x * x, 0)
  }

  /** Rows after the last, as spans that each lie in one shard and fit one task; shards are made as needed. */
  async reserve(count: number): Promise<RowSpan[]> {
    const spans: RowSpan[] = []
    let shard = Math.max(
      0,
      this.shards.findLastIndex(({ rows }) => rows > 0),
    )
    let firstRow = this.shards[shard]?.rows ?? 0
    while (count > 0) {
      if (firstRow === this.layout.capacity) {
        shard++
        firstRow = 0
      }
      if (shard === this.shards.length) await this.#addShard()
      const size = Math.min(count, STAGING_ROWS, this.layout.capacity - firstRow)
      spans.push({ shard, firstRow, count: size })
      firstRow += size
      count -= size
    }
    return spans
  }

  /** Encodes templates into reserved rows, on all workers; nothing is visible yet. */
  async encode(spans: readonly RowSpan[], rows: readonly GalleryRow[]): Promise<void> {
    let start = 0
    const tasks = spans.map((span) => {
      const part = { span, start }
      start += span.count
      return part
    })
    const { layout } = this
    const drain = async (worker: number): Promise<void> => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        const { span } = task
        const { memory, ids, tags, days } = this.shards[span.shard]
        const at = layout.stagingAt + worker * layout.stagingBytes
        const staging = new Float32Array(memory.buffer, at, STAGING_ROWS * layout.length)
        for (let i = 0; i < span.count; i++) {
          const row = rows[task.start + i]
          staging.set(row.template, i * layout.length)
          ids[span.firstRow + i] = row.id
          tags[span.firstRow + i] = row.tag ?? 0
          days[span.firstRow + i] = row.day ?? NO_DAY
        }
        await this.#pool.run(worker, { kind: 'encode', ...span })
        // Float templates stay nowhere in memory.
        staging.fill(0, 0, span.count * layout.length)
      }
    }
    await Promise.all(Array.from({ length: this.#pool.size }, (_, worker) => drain(worker)))
  }

  /** Makes rows visible; rows with no scale are removed ones. */
  publish(spans: readonly RowSpan[]): void {
    for (const { shard: number, firstRow, count } of spans) {
      const shard = this.shards[number]
      for (let row = firstRow; row < firstRow + count; row++) {
        const alive = shard.scales[row] !== 0
        setAlive(shard, row, alive)
        if (alive) this.alive++
      }
      shard.rows = firstRow + count
      this.lastId = shard.ids[shard.rows - 1]
    }
  }

  /** Forgets all rows; their bytes are overwritten when rows are added. */
  clear(): void {
    for (const shard of this.shards) {
      shard.rows = 0
      shard.alive.fill(0)
    }
    this.alive = 0
    this.lastId = 0
  }

  /** Where the id is, if it is held and not removed. */
  find(id: number): RowPlace | undefined {
    const number = this.shards.findLastIndex((shard) => shard.rows > 0 && shard.ids[0] <= id)
    if (number < 0) return undefined
    const shard = this.shards[number]
    let low = 0
    let high = shard.rows - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (shard.ids[middle] <= id) low = middle
      else high = middle - 1
    }
    return shard.ids[low] === id && isAlive(shard, low) ? { shard: number, row: low } : undefined
  }

  isAlive({ shard, row }: RowPlace): boolean {
    return isAlive(this.shards[shard], row)
  }

  wipe({ shard, row }: RowPlace): void {
    wipeRow(this.shards[shard], row)
    this.alive--
  }

  /** Ids of rows that are not removed, ascending, a piece at a time. */
  *ids(): Generator<Float64Array> {
    for (const shard of this.shards) {
      for (let start = 0; start < shard.rows; start += STAGING_ROWS) {
        const end = Math.min(start + STAGING_ROWS, shard.rows)
        yield Float64Array.from(shard.ids.subarray(start, end)).filter((_, i) => isAlive(shard, start + i))
      }
    }
  }

  /**
   * Takes the mean of an even sample of the rows and makes all codes anew. No scan may run.
   * The mean is of int8 templates, as they are in the files; it is taken before the first wait.
   */
  async recentre(): Promise<void> {
    this.#takeMean()
    for (const shard of this.shards) new Float32Array(shard.memory.buffer, this.layout.meanAt).set(this.mean)
    await this.recode(this.#spansOfAll())
  }

  /** Makes codes of these rows with the present mean, on all workers. */
  async recode(spans: RowSpan[]): Promise<void> {
    await Promise.all(
      spans.map((span) => this.#pool.run(this.#turn++ % this.#pool.size, { kind: 'recode', ...span })),
    )
  }

  #spansOfAll(): RowSpan[] {
    return this.shards.flatMap(({ rows }, shard) =>
      Array.from({ length: Math.ceil(rows / STAGING_ROWS) }, (_, i) => {
        const firstRow = i * STAGING_ROWS
        return { shard, firstRow, count: Math.min(STAGING_ROWS, rows - firstRow) }
      }),
    )
  }

  #takeMean(): void {
    const { length, rowBytes } = this.layout
    this.mean.fill(0)
    if (this.alive < FEWEST_ROWS_FOR_MEAN) return
    const stride = Math.max(1, Math.floor(this.rows / MEAN_SAMPLE_ROWS))
    const sum = new Float64Array(length)
    let taken = 0
    for (const shard of this.shards) {
      for (let row = 0; row < shard.rows; row += stride) {
        const scale = shard.scales[row]
        if (scale === 0) continue
        taken++
        for (let i = 0; i < length; i++) sum[i] += shard.int8[row * rowBytes + i] * scale
      }
    }
    sum.forEach((x, i) => (this.mean[i] = x / taken))
  }

  async #addShard(): Promise<void> {
    const shard = makeShard(this.layout)
    new Float32Array(shard.memory.buffer, this.layout.meanAt).set(this.mean)
    new Float32Array(shard.memory.buffer, this.layout.signsAt).set(this.#signs)
    await this.#pool.addShard(shard)
    this.shards.push(shard)
  }
}

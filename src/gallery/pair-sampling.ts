import { HISTOGRAM_BINS, SAMPLE_ROWS } from './kernel/shard-layout.ts'
import type { SampledRows } from './kernel/tasks.ts'
import { seededBits } from './kernel/transform.ts'
import type { WorkerPool } from './kernel/worker-pool.ts'
import type { RowStore } from './row-store.ts'
import type { CalibrateOptions } from './types.ts'

const DEFAULT_PAIRS = 1e8
/** In galleries with fewer faces a sample says nothing about tails. */
const FEWEST_FACES = 100
/** Draws of a row before giving up on finding one that is not removed: files are written anew long before that. */
const MOST_DRAWS = 1000

/**
 * Cosines of many pairs of rows, drawn at random, as counts per bin over [-1, 1]. Work is cut into tasks of some milliseconds,
 * so that searches pass between them.
 * @returns undefined when there are too few rows
 */
export async function samplePairs(
  rows: RowStore,
  pool: WorkerPool,
  options: CalibrateOptions,
): Promise<Float64Array | undefined> {
  if (rows.alive < FEWEST_FACES) return undefined
  const all = (rows.alive * (rows.alive - 1)) / 2
  const pairs = Math.min(options.pairs ?? DEFAULT_PAIRS, all)
  const draw = rowDrawer(rows, options)
  const total = new Float64Array(HISTOGRAM_BINS)
  let tasks = Math.ceil(pairs / SAMPLE_ROWS ** 2)
  const drain = async (worker: number): Promise<void> => {
    while (tasks-- > 0) {
      options.signal?.throwIfAborted()
      const reply = await pool.run(worker, { kind: 'pairs', pairsOf: { x: draw(), y: draw() } })
      reply.histogram?.forEach((count, bin) => (total[bin] += count))
    }
  }
  await Promise.all(Array.from({ length: pool.size }, (_, worker) => drain(worker)))
  return total
}

/** Draws lists of rows; rows of one person, and a row and itself, get the same number. */
function rowDrawer(rows: RowStore, { personOf, seed = 1 }: CalibrateOptions): () => SampledRows {
  const next = seededBits(seed)
  const { capacity } = rows.layout
  const people = new Map<number, number>()
  const personNumber = (shard: number, row: number): number => {
    const person = personOf?.(rows.shards[shard].ids[row])
    if (person === undefined) return (shard * capacity + row) * 2 + 1
    const known = people.get(person) ?? people.size
    people.set(person, known)
    return known * 2
  }
  return () => {
    const drawn = {
      shards: new Uint16Array(SAMPLE_ROWS),
      rows: new Uint32Array(SAMPLE_ROWS),
      persons: new Int32Array(SAMPLE_ROWS),
    }
    for (let i = 0; i < SAMPLE_ROWS; i++) {
      let place = { shard: 0, row: 0 }
      for (let draws = 0; draws < MOST_DRAWS; draws++) {
        const index = Math.floor((next() / 2 ** 32) * rows.rows)
        place = { shard: Math.floor(index / capacity), row: index % capacity }
        if (rows.isAlive(place)) break
      }
      drawn.shards[i] = place.shard
      drawn.rows[i] = place.row
      drawn.persons[i] = personNumber(place.shard, place.row)
    }
    return drawn
  }
}

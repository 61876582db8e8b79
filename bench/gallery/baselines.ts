import process from 'node:process'
import { layoutShard } from '../../src/gallery/kernel/shard-layout.ts'
import { makeShard } from '../../src/gallery/kernel/shard.ts'
import { WorkerPool } from '../../src/gallery/kernel/worker-pool.ts'
import { median, round, timed } from './measure.ts'

/** Reads of which the median is taken. */
const READS = 15
/** Reads after each of which so much else is read that no cache still holds the codes. */
const EVICTED_READS = 5
const EVICTING_BYTES = 512_000_000

/**
 * How long this machine needs to read the codes of so many faces once: a sum over the same kind of memory with 16-byte
 * reads, on all cores, by the same worker threads; and the same with one thread. Handing out the work is not part of it: it is
 * measured on an empty read and taken off, so that the limit is the memory's alone. Read again and
 * again, codes are partly in the processor's cache, as they are for searches one after another: that is the stricter limit and
 * the one that searches are held to; `evictedMs` is the time when other data was read in between. `processorMs` is the time of all cores that a
 * read takes: on a machine that others use too, a ratio of processor times says more than one of waiting times.
 */
export async function measureReading(
  rows: number,
  threads: number,
): Promise<{
  allCoresMs: number
  oneCoreMs: number
  evictedMs: number
  handOutMs: number
  processorMs: number
}> {
  const layout = layoutShard(512, Math.ceil(rows / 64) * 64, threads)
  const shard = makeShard({ ...layout })
  const pool = new WorkerPool(layout)
  await pool.addShard(shard)
  shard.codes.fill(85)
  const read = async (workers: number, bytes: number): Promise<number> => {
    const part = Math.floor(bytes / workers / 64) * 64
    const { ms } = await timed(() =>
      Promise.all(
        Array.from({ length: workers }, (_, worker) =>
          pool.run(worker, { kind: 'read', shard: 0, from: layout.codesAt + worker * part, bytes: part }),
        ),
      ),
    )
    return ms
  }
  const medianOf = async (workers: number, bytes: number): Promise<number> => {
    const samples: number[] = []
    for (let i = 0; i < READS; i++) samples.push(await read(workers, bytes))
    return median(samples)
  }
  const bytes = rows * layout.codeBytes
  await medianOf(threads, bytes)
  const handOutMs = await medianOf(threads, 0)
  const cpu = process.cpuUsage()
  const allCoresMs = (await medianOf(threads, bytes)) - handOutMs
  const { user, system } = process.cpuUsage(cpu)
  const processorMs = round((user + system) / 1000 / READS)
  const oneCoreMs = (await medianOf(1, bytes)) - handOutMs
  const evicted: number[] = []
  const others = Math.min(EVICTING_BYTES, shard.int8.length)
  shard.int8.fill(85, 0, others)
  for (let i = 0; i < EVICTED_READS; i++) {
    await pool.run(0, { kind: 'read', shard: 0, from: layout.int8At, bytes: others })
    evicted.push(await read(threads, bytes))
  }
  await pool.close()
  return {
    allCoresMs: round(allCoresMs),
    oneCoreMs: round(oneCoreMs),
    evictedMs: round(median(evicted) - handOutMs),
    handOutMs: round(handOutMs),
    processorMs,
  }
}

/** The plain way: dot products with every float template, one thread; ids are places from 1, best first. */
export function floatScan(templates: Float32Array, length: number, query: Float32Array, k: number): number[] {
  const best: { id: number; score: number }[] = []
  let least = -Infinity
  for (let at = 0, id = 1; at < templates.length; at += length, id++) {
    // Four sums let the processor overlap additions.
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let i = 0; i < length; i += 4) {
      a += templates[at + i] * query[i]
      b += templates[at + i + 1] * query[i + 1]
      c += templates[at + i + 2] * query[i + 2]
      d += templates[at + i + 3] * query[i + 3]
    }
    const score = a + b + c + d
    if (score <= least) continue
    const place = best.findIndex((other) => other.score < score)
    best.splice(place < 0 ? best.length : place, 0, { id, score })
    if (best.length > k) best.pop()
    if (best.length === k) least = best[k - 1].score
  }
  return best.map(({ id }) => id)
}

import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openGallery, type GalleryOptions } from '../../src/gallery/embedded-gallery.ts'
import type { Gallery, SearchOptions } from '../../src/gallery/types.ts'
import { floatScan, measureReading } from './baselines.ts'
import { FaceMaker, gaussians, normalise } from './faces.ts'
import { writeFaces } from './face-file.ts'
import { latencyOf, median, round, timed } from './measure.ts'

// Measures the gallery: npm run bench -- gallery [--rows 1000000] [--ten-million] [--queries 2100] [--templates FILE.f32] [--json]
// The float templates lie in a file, as with the record; a search includes reading those of its candidates.

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'ten-million': { type: 'boolean', default: false },
    queries: { type: 'string', default: '2100' },
    /** Float32 templates, one after another; each gets noisy copies until there are enough rows. */
    templates: { type: 'string' },
    length: { type: 'string', default: '512' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const LENGTH = Number(values.length)
const K = 20
const ADD_ROWS = 10_000
const CLIENTS = 8
const TAGS = 100
/** Float scans in JavaScript take seconds at ten million: enough for hit rates, few enough to wait for. */
const FLOAT_SCANS = 20
/** Rounds of everything, each with its own measure of reading. */
const ROUNDS = 7
const EXACT_SEARCHES = 15
/** Codes of more rows are not laid out a second time for the measure of reading; it grows with them. */
const MOST_READ_ROWS = 4_000_000

const rows = values['ten-million'] ? 10_000_000 : Number(values.rows)
const queryCount = Number(values.queries)
const folder = values.folder ?? mkdtempSync(path.join(tmpdir(), 'likeness-bench-'))
mkdirSync(folder, { recursive: true })
const say = (what: string, value: unknown): void => {
  if (!values.json) console.log(`${what.padEnd(34)} ${JSON.stringify(value)}`)
}

try {
  const result = await measure()
  if (values.json) console.log(JSON.stringify(result, undefined, 2))
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<Record<string, unknown>> {
  const floatFile = path.join(folder, `faces-${rows}-${LENGTH}.f32`)
  if (!existsSync(floatFile)) writeFaces(floatFile, rows, LENGTH, values.templates)
  const floats = openSync(floatFile, 'r')
  const out: Record<string, unknown> = {
    loadAverage: loadavg()[0],
    rows,
    length: LENGTH,
    threads: availableParallelism(),
  }
  const loadTemplates = (ids: readonly number[]): Float32Array[] => ids.map((id) => readFace(floats, id))
  const options = {
    folder: path.join(folder, 'gallery'),
    label: 'bench',
    templateLength: LENGTH,
    loadTemplates,
  }
  rmSync(options.folder, { recursive: true, force: true })

  const insertSeconds = (await makeFiles(options, floats)) / 1000
  out.insertPerSecond = round(rows / insertSeconds)
  say('insert, faces a second', out.insertPerSecond)
  out.rebuildSeconds = round(insertSeconds)
  say('rebuild from float templates, s', out.rebuildSeconds)
  freeMemory()

  const opening = await timed(() => openGallery(options))
  const { gallery } = opening.value
  out.openSeconds = round(opening.ms / 1000)
  say('open, s', out.openSeconds)
  out.bytesPerFace = round(gallery.stats().bytesPerFace)
  out.fileBytesPerFace = round(gallery.stats().fileBytes / rows)
  out.residentGiB = round(process.memoryUsage().rss / 2 ** 30)
  say('memory, bytes a face (and process GiB)', [out.bytesPerFace, out.residentGiB])

  const { queries, mates } = makeQueries(floats, values.templates !== undefined)
  await search(gallery, queries.slice(0, 50), { k: K })
  const found = await measureSearches(out, gallery, queries)
  await compareHits(out, gallery, queries, mates, found)
  await gallery.close()
  closeSync(floats)
  return out
}

/**
 * Searches in rounds, each with its own measure of reading, for other programs come and go; ratios are taken inside a round.
 * @returns what one client found
 */
async function measureSearches(
  out: Record<string, unknown>,
  gallery: Gallery,
  queries: Float32Array[],
): Promise<number[][]> {
  const threads = availableParallelism()
  const readRows = Math.min(rows, MOST_READ_ROWS)
  const one: Run[] = []
  const eight: Run[] = []
  const filtered: Run[] = []
  const exact: Run[] = []
  const limits: number[] = []
  const evicted: number[] = []
  const processorLimits: number[] = []
  const part = Math.ceil(queries.length / ROUNDS)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  for (let round = 0; round < ROUNDS; round++) {
    const some = queries.slice(round * part, (round + 1) * part)
    const reading = await measureReading(readRows, threads)
    limits.push((reading.allCoresMs * rows) / readRows)
    evicted.push((reading.evictedMs * rows) / readRows)
    processorLimits.push((reading.processorMs * rows) / readRows)
    delay.enable()
    one.push(await search(gallery, some, { k: K }))
    eight.push(await searchTogether(gallery, some))
    delay.disable()
    filtered.push(await search(gallery, some, { k: K, filter: { tags: [7] } }))
    exact.push(await search(gallery, some.slice(0, EXACT_SEARCHES), { k: K, exact: true }))
  }
  const report = (name: string, runs: Run[]): void => {
    const times = latencyOf(runs.flatMap((run) => run.times))
    const p95OverLimit = runs.map((run, i) => latencyOf(run.times).p95Ms / limits[i])
    const p50OverLimit = runs.map((run, i) => latencyOf(run.times).p50Ms / limits[i])
    const processorOverReading = runs.map((run, i) => run.processorMs / processorLimits[i])
    out[name] = {
      ...times,
      perSecond: round(median(runs.map((run) => run.perSecond))),
      processorMs: round(median(runs.map((run) => run.processorMs))),
      p50OverLimit: round(median(p50OverLimit)),
      p95OverLimit: round(median(p95OverLimit)),
      leastP95OverLimit: round(Math.min(...p95OverLimit)),
      processorOverReading: round(median(processorOverReading)),
      work: Object.fromEntries(Object.entries(runs[0].work).map(([stage, rows]) => [stage, round(rows)])),
    }
    say(name, out[name])
  }
  out.readingMs = {
    median: round(median(limits)),
    least: round(Math.min(...limits)),
    most: round(Math.max(...limits)),
    evicted: round(median(evicted)),
  }
  say('reading the codes once, ms', out.readingMs)
  report('oneClient', one)
  report('eightClients', eight)
  report('onePercentFilter', filtered)
  report('exactMode', exact)
  out.eightTimesOne = round(median(eight.map((run, i) => run.perSecond / one[i].perSecond)))
  say('searches a second, 8 clients over 1', out.eightTimesOne)
  out.eventLoopDelayP99Ms = round(delay.percentile(99) / 1e6)
  say('event-loop delay p99, ms', out.eventLoopDelayP99Ms)
  out.loadAverageAfter = loadavg()[0]
  say('load average before and after', [out.loadAverage, out.loadAverageAfter])
  return one.flatMap((run) => run.found)
}

/** Hits of the mate among 1 and 20, and how often the lists are those of exact search. */
async function compareHits(
  out: Record<string, unknown>,
  gallery: Gallery,
  queries: Float32Array[],
  mates: number[],
  found: number[][],
): Promise<void> {
  const isHit = (list: number[], i: number, k: number): boolean => list.slice(0, k).includes(mates[i])
  const hits = (lists: number[][], k: number): number =>
    Number(((100 * lists.filter((list, i) => isHit(list, i, k)).length) / lists.length).toFixed(2))
  // Exact mode compares every int8 template and ranks by float ones; on a part it is compared with a plain float scan.
  const exact: number[][] = []
  for (const query of queries) {
    const [{ candidates }] = await gallery.search([query], { k: K, exact: true })
    exact.push(candidates.map(({ id }) => id))
  }
  out.hitsPercent = {
    at1: hits(found, 1),
    at20: hits(found, K),
    exactAt1: hits(exact, 1),
    exactAt20: hits(exact, K),
    searches: found.length,
    matesOnlyExactFound: exact.filter((list, i) => isHit(list, i, K) && !isHit(found[i], i, K)).length,
  }
  say('hits, %', out.hitsPercent)
  out.sameListsPercent = round(
    (100 * found.filter((list, i) => String(list) === String(exact[i])).length) / found.length,
  )
  say('lists equal to exact mode, %', out.sameListsPercent)
  const size = statSync(path.join(folder, `faces-${rows}-${LENGTH}.f32`)).size
  // One typed array holds at most what two GiB of numbers take.
  if (size > 2 ** 32) return
  const bytes = new Float32Array(size / 4)
  const file = openSync(path.join(folder, `faces-${rows}-${LENGTH}.f32`), 'r')
  for (let at = 0; at < size; at += 2 ** 28) {
    readSync(
      file,
      new Uint8Array(bytes.buffer, at, Math.min(2 ** 28, size - at)),
      0,
      Math.min(2 ** 28, size - at),
      at,
    )
  }
  closeSync(file)
  const times: number[] = []
  let same = 0
  for (const [i, query] of queries.slice(0, FLOAT_SCANS).entries()) {
    const { ms, value } = await timed(() => floatScan(bytes, LENGTH, query, K))
    times.push(ms)
    if (String(value) === String(exact[i])) same++
  }
  out.floatScan = { ...latencyOf(times), exactModeSamePercent: round((100 * same) / times.length) }
  say('plain float32 scan, one thread', out.floatScan)
}

/** Fills an empty gallery and closes it; milliseconds until all rows are in it and on disk. */
async function makeFiles(options: GalleryOptions, floats: number): Promise<number> {
  const { gallery } = await openGallery(options)
  const { ms } = await timed(() => insert(gallery, floats))
  await gallery.close()
  return ms
}

/** The closed gallery's memory goes when the collector runs, and is not to be counted with the next one's. */
function freeMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}

async function insert(gallery: Gallery, floats: number): Promise<void> {
  const bytes = Buffer.alloc(ADD_ROWS * LENGTH * 4)
  for (let start = 0; start < rows; start += ADD_ROWS) {
    const count = Math.min(ADD_ROWS, rows - start)
    readSync(floats, bytes, 0, count * LENGTH * 4, start * LENGTH * 4)
    await gallery.add(
      Array.from({ length: count }, (_, i) => ({
        id: start + i + 1,
        template: new Float32Array(bytes.buffer, bytes.byteOffset + i * LENGTH * 4, LENGTH),
        tag: (start + i) % TAGS,
      })),
    )
  }
  await gallery.flush()
}

function readFace(floats: number, id: number): Float32Array {
  const face = new Float32Array(LENGTH)
  readSync(floats, new Uint8Array(face.buffer), 0, LENGTH * 4, (id - 1) * LENGTH * 4)
  return face
}

/** Other images of people in the gallery. */
function makeQueries(floats: number, real: boolean): { queries: Float32Array[]; mates: number[] } {
  const maker = new FaceMaker(LENGTH, 99)
  const next = gaussians(123)
  const mates = Array.from({ length: queryCount }, (_, i) => 1 + Math.floor((i * rows) / queryCount))
  const queries = mates.map((id) => {
    const face = readFace(floats, id)
    const query = new Float32Array(LENGTH)
    if (real) {
      // A real template's direction with noise as long as the template: a cosine of about 0.7.
      face.forEach((x, i) => (query[i] = x + next() / Math.sqrt(LENGTH)))
      normalise(query)
    } else {
      maker.mateOf(face, query)
    }
    return query
  })
  return { queries, mates }
}

interface Run {
  times: number[]
  found: number[][]
  perSecond: number
  processorMs: number
  work: { estimated: number; compared: number; reranked: number }
}

async function search(gallery: Gallery, queries: Float32Array[], options: SearchOptions): Promise<Run> {
  return searchWith(1, gallery, queries, options)
}

async function searchTogether(gallery: Gallery, queries: Float32Array[]): Promise<Run> {
  return searchWith(CLIENTS, gallery, [...queries, ...queries], { k: K })
}

/** Clients that each ask again as soon as they are answered. */
async function searchWith(
  clients: number,
  gallery: Gallery,
  queries: Float32Array[],
  options: SearchOptions,
): Promise<Run> {
  const times: number[] = []
  const found: number[][] = []
  const work = { estimated: 0, compared: 0, reranked: 0 }
  const start = performance.now()
  const cpu = process.cpuUsage()
  const client = async (first: number): Promise<void> => {
    for (let i = first; i < queries.length; i += clients) {
      const { ms, value } = await timed(() => gallery.search([queries[i]], options))
      times.push(ms)
      found[i] = value[0].candidates.map(({ id }) => id)
      for (const stage of ['estimated', 'compared', 'reranked'] as const) {
        work[stage] += value[0].work[stage] / queries.length
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, first) => client(first)))
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = (queries.length / (performance.now() - start)) * 1000
  return { times, found, perSecond, processorMs: (user + system) / 1000 / queries.length, work }
}

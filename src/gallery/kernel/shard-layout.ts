import { GALLERY_LIMITS } from '../limits.ts'

/** Queries that share one pass over the rows; the same number as `MAX_BATCH` of the kernel. */
export const MAX_BATCH = 8
/** Batches that workers may have before them, so that they never wait for the main thread between two. */
export const MAX_IN_FLIGHT = 2
/** Templates that one encoding task takes: 2 MiB of float32 at 512 numbers. */
export const STAGING_ROWS = 1024
/** Rows of each of the two lists whose pairs one calibration task compares. */
export const SAMPLE_ROWS = 256
/** Bins of calibration histograms over cosines from -1 to 1. */
export const HISTOGRAM_BINS = 4096
/** Rows beyond k that are compared again with float templates. [Note: the margin] in `search-plan.ts` */
export const MOST_KEPT = GALLERY_LIMITS.candidates + Math.ceil(GALLERY_LIMITS.candidates / 8) + 4

/** Tags that a query lists; more are looked up in a table of bits, which is slower. */
export const LISTED_TAGS = 8
/** Scores are compared across threads as integers of so many steps; the kernel has the same number. */
export const SCORE_STEPS = 1_048_576
/** The floor of a query that has none yet; the kernel has the same number. */
export const NO_FLOOR = -(2 ** 31)
/** Rows that one hand-off gives to a worker; the kernel has the same number. */
export const CHUNK_ROWS = 2048
/** Rows of a block of striped codes: the bytes of one vector; the kernel has the same number. */
export const STRIPED_ROWS = 16

/** What the kernel's scan keeps while it runs: lists of rows for each query of a batch. */
const SCAN_BYTES = 49_152
/** The kernel sums up so many bytes of code before it carries. */
const STRIPED_TOGETHER = 8
/** Share of a code that every search reads: more costs every row, less lets more rows through. Measured in docs/decisions/gallery-scan.md. */
const STRIPED_SHARE = 5 / 8
/** A code of whole groups of bytes. */
const FEWEST_ROTATED = 64
const PAGE_BYTES = 65_536
/** The kernel keeps nothing below this; address 0 stays unused so that a zero pointer is a fault that shows. */
const FIRST_BYTE = 4096
const GEOMETRY_AT = 1024
/** A cache line, so that no two workers write to one. */
const ALIGNMENT = 64
const QUERY_HEADER_BYTES = 128
const SLOT_HEADER_BYTES = 128
/** Bit planes of the query's magnitudes. */
const QUERY_PLANES = 2
const HEAP_HEADER_BYTES = 32
const HEAP_ENTRY_BYTES = 8

/** Byte offsets inside a slot of one batch; the kernel has the same numbers. */
export const SLOT = { next: 0, stop: 4, floors: 64, queries: SLOT_HEADER_BYTES } as const

/** Byte offsets inside a query of a slot; the first six are written by the kernel's `encodeQuery`. */
export const QUERY = {
  scale: 0,
  meanDot: 16,
  centredLength: 20,
  slope: 24,
  intercept: 28,
  estimateMargin: 36,
  wanted: 40,
  active: 44,
  exact: 48,
  filter: 52,
  firstDay: 56,
  lastDay: 60,
  codeAt: 64,
  planesAt: 68,
  int16At: 72,
  tagBitsAt: 76,
  /** Whether the floor may be guessed; only worker threads read it. */
  guess: 80,
  /** How many tags are listed, and the list; none when there are too many, then the bits count. */
  listedTags: 84,
  tagList: 88,
  /** Share of the query's square that lies in the striped part of its rotated numbers; written by `encodeQuery`. */
  stripedShare: 104,
  /** Sum of table entries = gain x centred cosine + offset; written by `encodeQuery`. */
  tableGain: 108,
  tableOffset: 112,
  tablesAt: 116,
  tableMargin: 120,
} as const

/** Byte offsets inside a worker's results for one query. */
export const HEAP = { count: 0, seen: 8, estimated: 16, compared: 24, entries: HEAP_HEADER_BYTES } as const

/** Where everything lies in the memory of one shard; offsets and sizes in bytes unless named otherwise. */
export interface ShardLayout {
  /** Numbers in a template. */
  length: number
  /** Rows a shard holds. */
  capacity: number
  /** Bytes of an int8 template. */
  rowBytes: number
  /** Numbers of a rotated template, a power of two. */
  rotated: number
  codeBytes: number
  /** Bytes of a code that are striped too. */
  stripeBytes: number
  workers: number
  codesAt: number
  /** The first bytes of the codes, in blocks of 16 rows: byte 0 of each, byte 1 of each, and so on. */
  stripesAt: number
  int8At: number
  scaleAt: number
  tagsAt: number
  daysAt: number
  aliveAt: number
  idsAt: number
  meanAt: number
  signsAt: number
  slotsAt: number
  slotBytes: number
  queryBytes: number
  /** Offsets of a query's parts from its start. */
  query: { codeAt: number; planesAt: number; tablesAt: number; int16At: number; tagBitsAt: number }
  resultsAt: number
  resultBytes: number
  /** Working memory of each worker, and last of the main thread. */
  scratchAt: number
  scratchBytes: number
  /** Float templates on their way in, one part a worker. */
  stagingAt: number
  stagingBytes: number
  geometryAt: number
  pages: number
  /** Bytes that one row takes in memory, everything counted. */
  bytesPerRow: number
}

/** Lays out a shard of `capacity` rows (a multiple of 64) of templates of `length` numbers. */
export function layoutShard(length: number, capacity: number, workers: number): ShardLayout {
  const rowBytes = roundUp(length, 16)
  const rotated = Math.max(FEWEST_ROTATED, 2 ** Math.ceil(Math.log2(length)))
  const codeBytes = rotated / 8
  const stripeBytes = roundUp(codeBytes * STRIPED_SHARE, STRIPED_TOGETHER)
  let end = FIRST_BYTE
  const place = (bytes: number): number => {
    const at = end
    end += roundUp(bytes, ALIGNMENT)
    return at
  }
  // A byte is two nibbles, each with a table of 16 bytes.
  const tableBytes = stripeBytes * 2 * 16
  const planesAt = QUERY_HEADER_BYTES + codeBytes
  const tablesAt = planesAt + codeBytes * QUERY_PLANES
  const int16At = tablesAt + tableBytes
  const query = {
    codeAt: QUERY_HEADER_BYTES,
    planesAt,
    tablesAt,
    int16At,
    tagBitsAt: int16At + rowBytes * 2,
  }
  const queryBytes = roundUp(query.tagBitsAt + (GALLERY_LIMITS.largestTag + 1) / 8, ALIGNMENT)
  const slotBytes = SLOT_HEADER_BYTES + queryBytes * MAX_BATCH
  const resultBytes = roundUp(HEAP_HEADER_BYTES + HEAP_ENTRY_BYTES * MOST_KEPT, ALIGNMENT)
  const scratchBytes = Math.max(
    rotated * 4,
    SCAN_BYTES,
    2 * SAMPLE_ROWS * (rowBytes + 8) + HISTOGRAM_BINS * 4,
  )
  const stagingBytes = STAGING_ROWS * length * 4
  const small = {
    meanAt: place(rotated * 4),
    signsAt: place(rotated * 4 * 3),
    slotsAt: place(slotBytes * MAX_IN_FLIGHT),
    resultsAt: place(resultBytes * MAX_BATCH * MAX_IN_FLIGHT * workers),
    scratchAt: place(scratchBytes * (workers + 1)),
    stagingAt: place(stagingBytes * workers),
  }
  const firstRowByte = end
  const columns = {
    codesAt: place(capacity * codeBytes),
    stripesAt: place(capacity * stripeBytes),
    int8At: place(capacity * rowBytes),
    scaleAt: place(capacity * 4),
    tagsAt: place(capacity * 2),
    daysAt: place(capacity * 4),
    aliveAt: place(capacity / 8),
    idsAt: place(capacity * 8),
  }
  const sizes = { length, capacity, rowBytes, rotated, codeBytes, stripeBytes, workers }
  const parts = { slotBytes, queryBytes, query, resultBytes, scratchBytes, stagingBytes }
  const bytesPerRow = (end - firstRowByte) / capacity
  const pages = Math.ceil(end / PAGE_BYTES)
  return { ...sizes, ...small, ...columns, ...parts, geometryAt: GEOMETRY_AT, pages, bytesPerRow }
}

/** The geometry as the kernel's `configure` reads it. */
export function geometryOf(layout: ShardLayout): Int32Array {
  const l = layout
  const sizes = [l.length, l.rowBytes, l.rotated, l.codeBytes, l.stripeBytes, l.workers]
  const columns = [l.codesAt, l.stripesAt, l.int8At, l.scaleAt, l.tagsAt, l.daysAt, l.aliveAt]
  const tables = [l.meanAt, l.signsAt]
  const working = [
    l.slotsAt,
    l.slotBytes,
    l.queryBytes,
    l.resultsAt,
    l.resultBytes,
    l.scratchAt,
    l.scratchBytes,
  ]
  return Int32Array.from([sizes, columns, tables, working].flat(), (value) => value | 0)
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}

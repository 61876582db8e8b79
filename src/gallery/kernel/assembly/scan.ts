import { likely } from './estimate'
import { eligibleOf } from './filter'
import * as g from './geometry'
import { keep } from './heap'
import { reached, reachedByFour } from './stripes'

// One pass over a shard for up to MAX_BATCH queries. [Note: the scan] in `scan-pool.ts` says why it is made like this.

/** Rows that one hand-off gives to a worker. */
const CHUNK_ROWS: u32 = 2048
/** Rows whose stripes stay in the first-level cache while all queries pass over them: 1024 x 40 bytes = 40 KiB. */
const TILE_ROWS: u32 = 1024
const TILE_WORDS_BYTES: usize = 128
/** Of 64 rows so many must be eligible for stripes, which tell of 16 rows or none, to be quicker than their codes. */
const WORTH_STRIPES: u64 = 8
/** Scores are compared across threads as integers of this many steps. */
const SCORE_STEPS: f32 = 1048576
/** Greatest sum of table entries that a signed 16-bit number holds. */
const MOST_SUM: f32 = 32767
/** Room for all rows of a tile. */
const LIST_BYTES: usize = 4096
/** Pending rows are compared when there are so many, and at the end of a scan. */
const FLUSH_BYTES: usize = 256
const PENDING_BYTES: usize = FLUSH_BYTES + LIST_BYTES
const CACHE_LINE: usize = 64
const NO_FLOOR: i32 = -2147483648

// A slot: i32 at 0 next chunk, at 4 stop, from 64 the floor of each query, from 128 the queries.
const FLOORS: usize = 64
const QUERIES: usize = 128

// A query, after what `encodeQuery` writes: f32 at 24 slope, 28 intercept of centred cosine as a function of cosine,
// 36 margin of the estimate; i32 at 40 wanted, 44 active, 48 exact, 52 filter,
// 56 first day, 60 last day; from 64 offsets of code, bits of magnitudes, int16 template, tag bits; 116 of tables; f32 at 108 gain,
// 112 offset and 120 margin of sums from the tables.

let q: usize = 0
let tablesAt: usize = 0
let int16At: usize = 0
let tagBitsAt: usize = 0
let heap: usize = 0
let floorAt: usize = 0
let list: usize = 0
// Working memory behind the lists: bits of a tile's rows for four queries, bits of 64 rows for four queries, and of four queries
// the numbers, floors, cuts and tables.
let words: usize = 0
let fours: usize = 0
let chosen: usize = 0
let floors: usize = 0
let cuts: usize = 0
let tables: usize = 0
/** Rows that wait for `compare`. */
let pending: usize = 0
/** Nobody reads it. */
export let touched: u64 = 0

/** Appends the rows of the tile whose bits are set in `words`, 64 rows each; returns the list's end. */
function listRows(first: u32, rows: u32, words: usize, list: usize): usize {
  let end = list
  for (let at: u32 = 0; at < rows; at += 64) {
    let word = load<u64>(words + <usize>(at >> 3))
    while (word != 0) {
      store<u32>(end, first + at + <u32>ctz(word))
      word &= word - 1
      end += 4
    }
  }
  return end
}

/** Writes which of the tile's rows the query looks at, and counts them. */
function eligible(first: u32, rows: u32, words: usize): void {
  let seen: u64 = 0
  for (let at: u32 = 0; at < rows; at += 64) {
    const word = eligibleOf(q, tagBitsAt, first + at)
    seen += popcnt(word)
    store<u64>(words + <usize>(at >> 3), word)
  }
  store<u64>(heap, load<u64>(heap, 8) + seen, 8)
}

/** Leaves of the tile's eligible rows those whose striped bytes may reach the floor; where few are eligible, all. */
function strip(first: u32, rows: u32, words: usize, cut: i32): void {
  for (let at: u32 = 0; at < rows; at += 64) {
    const word = load<u64>(words + <usize>(at >> 3))
    if (popcnt(word) >= WORTH_STRIPES)
      store<u64>(words + <usize>(at >> 3), word & reached(tablesAt, first + at, word, cut))
  }
}

/** Cosine of query and row from int16 and int8 numbers. */
function cosine(row: u32): f32 {
  const bytes = <usize>g.rowBytes
  const x = g.int8At + <usize>row * bytes
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i)
    const w = int16At + (i << 1)
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(v), v128.load(w)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(v), v128.load(w, 16)))
  }
  const s = i32x4.add(a, b)
  const dot =
    i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3)
  return <f32>dot * load<f32>(g.scaleAt + ((<usize>row) << 2)) * load<f32>(q)
}

/** Floors are shared: what another worker has found lets this one skip. */
function raiseFloor(floor: i32): void {
  let now = atomic.load<i32>(floorAt)
  while (now < floor) {
    const before = atomic.cmpxchg<i32>(floorAt, now, floor)
    if (before == now) return
    now = before
  }
}

/** The least sum of table entries of a row that may reach the floor. */
function cutOf(floor: i32): i32 {
  if (floor == NO_FLOOR) return 0
  const centred = load<f32>(q, 24) * (<f32>floor / SCORE_STEPS) + load<f32>(q, 28)
  const cut = Mathf.ceil(load<f32>(q, 108) * (centred - load<f32>(q, 120)) + load<f32>(q, 112))
  return cut > 0 ? <i32>min<f32>(cut, MOST_SUM) : 0
}

/**
 * Compares the pending rows with the query by int8 templates and keeps the best. Templates lie far apart, mostly on pages that
 * the address cache has forgotten; so first all their lines are read, as many at once as the processor can wait for: this
 * is twice as fast as reading one line a row ahead, three times as fast as none.
 */
function compare(): void {
  const count = load<u32>(heap, 4)
  if (count == 0) return
  const end = pending + ((<usize>count) << 2)
  const bytes = <usize>g.rowBytes
  let sum: u64 = 0
  for (let at = pending; at < end; at += 4) {
    const row = <usize>load<u32>(at)
    const template = g.int8At + row * bytes
    sum += load<u32>(g.scaleAt + (row << 2))
    for (let i: usize = 0; i < bytes; i += CACHE_LINE) sum += load<u64>(template + i)
  }
  touched = sum
  const wanted = load<u32>(q, 40)
  const floor = atomic.load<i32>(floorAt)
  let least: f32 = floor == NO_FLOOR ? -f32.MAX_VALUE : <f32>floor / SCORE_STEPS
  for (let at = pending; at < end; at += 4) {
    const row = load<u32>(at)
    const score = cosine(row)
    if (score >= least) least = max<f32>(least, keep(heap, score, row, wanted))
  }
  store<u32>(heap, 0, 4)
  store<u64>(heap, load<u64>(heap, 24) + count, 24)
  if (least > -f32.MAX_VALUE) raiseFloor(<i32>Mathf.floor(least * SCORE_STEPS))
}

/** The rest of the way for rows of the tile that are left in `words`: adds to the pending rows. */
function judge(first: u32, rows: u32, words: usize, floor: i32): void {
  const end = listRows(first, rows, words, list)
  if (end == list) return
  store<u64>(heap, load<u64>(heap, 16) + (<u64>(end - list) >> 2), 16)
  const from = pending + ((<usize>load<u32>(heap, 4)) << 2)
  let to = from + (end - list)
  if (load<i32>(q, 48) != 0 || floor == NO_FLOOR) {
    memory.copy(from, list, end - list)
  } else {
    const least = load<f32>(q, 24) * (<f32>floor / SCORE_STEPS) + load<f32>(q, 28)
    to = likely(q, list, end, least - load<f32>(q, 36), from)
  }
  store<u32>(heap, <u32>((to - pending) >> 2), 4)
  if (to - pending >= FLUSH_BYTES) compare()
}

/** One query over one tile. */
function scanTile(first: u32, rows: u32): void {
  const floor = atomic.load<i32>(floorAt)
  eligible(first, rows, words)
  if (load<i32>(q, 48) == 0) strip(first, rows, words, cutOf(floor))
  judge(first, rows, words, floor)
}

/** Four queries without filters over one tile; `chosen` are their numbers. */
function scanTileByFour(slot: usize, heaps: usize, first: u32, rows: u32): void {
  for (let n: usize = 0; n < 4; n++) {
    choose(slot, heaps, load<i32>(chosen + (n << 2)))
    const floor = atomic.load<i32>(floorAt)
    store<i32>(floors + (n << 2), floor)
    store<i32>(cuts + (n << 2), cutOf(floor))
    store<u32>(tables + (n << 2), <u32>tablesAt)
  }
  for (let at: u32 = 0; at < rows; at += 64) {
    const word = load<u64>(g.aliveAt + (<usize>(first + at) >> 3))
    reachedByFour(
      load<u32>(tables),
      load<u32>(tables, 4),
      load<u32>(tables, 8),
      load<u32>(tables, 12),
      first + at,
      word,
      cuts,
      fours,
    )
    for (let n: usize = 0; n < 4; n++) {
      store<u64>(words + n * TILE_WORDS_BYTES + <usize>(at >> 3), word & load<u64>(fours + (n << 3)))
    }
  }
  let last: i32 = -1
  for (let n: usize = 0; n < 4; n++) {
    const i = load<i32>(chosen + (n << 2))
    // With three queries the last stands for the fourth too.
    if (i == last) break
    last = i
    choose(slot, heaps, i)
    count(first, rows)
    judge(first, rows, words + n * TILE_WORDS_BYTES, load<i32>(floors + (n << 2)))
  }
}

/** Counts the rows of the tile that are not removed. */
function count(first: u32, rows: u32): void {
  let seen: u64 = 0
  for (let at: u32 = 0; at < rows; at += 64) seen += popcnt(load<u64>(g.aliveAt + (<usize>(first + at) >> 3)))
  store<u64>(heap, load<u64>(heap, 8) + seen, 8)
}

/** Every query over one tile: those without filters four at once, the others one by one. */
function scanForAll(slot: usize, heaps: usize, first: u32, rows: u32, queries: i32): void {
  let waiting: usize = 0
  for (let i = 0; i < queries; i++) {
    if (!choose(slot, heaps, i)) continue
    if (load<i32>(q, 48) != 0 || load<i32>(q, 52) != 0) {
      scanTile(first, rows)
      continue
    }
    store<i32>(chosen + (waiting << 2), i)
    if (++waiting == 4) {
      scanTileByFour(slot, heaps, first, rows)
      waiting = 0
    }
  }
  if (waiting == 3) {
    store<i32>(chosen, load<i32>(chosen, 8), 12)
    scanTileByFour(slot, heaps, first, rows)
    return
  }
  for (let n: usize = 0; n < waiting; n++) {
    choose(slot, heaps, load<i32>(chosen + (n << 2)))
    scanTile(first, rows)
  }
}

/** Takes the next chunk; -1 when none is left. */
function claim(slot: usize, rows: u32): i32 {
  let next = atomic.load<i32>(slot)
  while (<u32>next * CHUNK_ROWS < rows) {
    const before = atomic.cmpxchg<i32>(slot, next, next + 1)
    if (before == next) return next
    next = before
  }
  return -1
}

/**
 * Takes chunks of the shard's first `rows` rows until none is left or the slot is stopped.
 * Results are left in the worker's heaps; returns how many rows this worker took.
 */
export function scan(slotIndex: i32, worker: i32, rows: u32, queries: i32): u32 {
  const slot = g.slotsAt + <usize>slotIndex * g.slotBytes
  const heaps = g.resultsAt + <usize>((slotIndex * g.workers + worker) * MAX_BATCH) * g.resultBytes
  list = g.scratchAt + <usize>worker * g.scratchBytes
  words = list + LIST_BYTES + <usize>MAX_BATCH * PENDING_BYTES
  fours = words + 4 * TILE_WORDS_BYTES
  chosen = fours + 32
  floors = chosen + 16
  cuts = floors + 16
  tables = cuts + 16
  let taken: u32 = 0
  while (atomic.load<i32>(slot, 4) == 0) {
    const chunk = claim(slot, rows)
    if (chunk < 0) break
    const first = <u32>chunk * CHUNK_ROWS
    const last = min<u32>(first + CHUNK_ROWS, rows)
    taken += last - first
    for (let tile = first; tile < last; tile += TILE_ROWS) {
      const count = min<u32>(TILE_ROWS, last - tile)
      scanForAll(slot, heaps, tile, count, queries)
    }
  }
  for (let i = 0; i < queries; i++) {
    if (choose(slot, heaps, i)) compare()
  }
  return taken
}

/** Turns to query `i` of the slot; false when nobody waits for it any more. */
function choose(slot: usize, heaps: usize, i: i32): bool {
  q = slot + QUERIES + <usize>i * g.queryBytes
  tablesAt = q + load<u32>(q, 116)
  int16At = q + load<u32>(q, 72)
  tagBitsAt = q + load<u32>(q, 76)
  heap = heaps + <usize>i * g.resultBytes
  floorAt = slot + FLOORS + ((<usize>i) << 2)
  pending = list + LIST_BYTES + <usize>i * PENDING_BYTES
  return atomic.load<i32>(q, 44) != 0
}

/** Queries of one pass. */
export const MAX_BATCH: i32 = 8

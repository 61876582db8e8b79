import { eligibleOf } from './filter'
import * as g from './geometry'

// One pass over a shard for up to MAX_BATCH queries. [Note: the scan] in `scan-pool.ts` says why it is made like this.

/** Rows that one hand-off gives to a worker. */
const CHUNK_ROWS: u32 = 2048
/** Rows whose codes stay in the first-level cache while each query passes over them: 256 x 64 bytes = 16 KiB. */
const TILE_ROWS: u32 = 256
/** Scores are compared across threads as integers of this many steps. */
const SCORE_STEPS: f32 = 1048576
/** Entries of the threshold table between a centred cosine of -1 and 1. */
const THRESHOLD_STEPS: f32 = 1024
/** Room for all rows of a tile. */
const LIST_BYTES: usize = 1024
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
// 56 first day, 60 last day; from 64 offsets of code, bits of magnitudes, int16 template, tag bits.

let q: usize = 0
let codeAt: usize = 0
let planesAt: usize = 0
let int16At: usize = 0
let tagBitsAt: usize = 0
let heap: usize = 0
let floorAt: usize = 0
let list: usize = 0
/** Rows that wait for `compare`. */
let pending: usize = 0
/** Nobody reads it. */
export let touched: u64 = 0

function distance(code: usize): u32 {
  let sum: u64 = 0
  for (let i: usize = 0; i < <usize>g.codeBytes; i += 8) {
    sum += popcnt(load<u64>(code + i) ^ load<u64>(codeAt + i))
  }
  return <u32>sum
}

/**
 * Appends rows of the tile whose first half of the code is within `threshold` of the query's to `list`; returns its end.
 * For codes of 512 bits. Rows are appended without a branch: which they are is not to be foretold.
 */
function halfNear512(first: u32, rows: u32, threshold: u64, list: usize): usize {
  const q0 = load<u64>(codeAt)
  const q1 = load<u64>(codeAt, 8)
  const q2 = load<u64>(codeAt, 16)
  const q3 = load<u64>(codeAt, 24)
  let end = list
  let seen: u64 = 0
  for (let at = first; at < first + rows; at += 64) {
    let word = eligibleOf(q, tagBitsAt, at)
    if (word == 0) continue
    seen += popcnt(word)
    let p = g.codesAt + ((<usize>at) << 6)
    if (word == u64.MAX_VALUE) {
      for (let row = at; row < at + 64; row++) {
        const d =
          popcnt(q0 ^ load<u64>(p)) +
          popcnt(q1 ^ load<u64>(p, 8)) +
          (popcnt(q2 ^ load<u64>(p, 16)) + popcnt(q3 ^ load<u64>(p, 24)))
        store<u32>(end, row)
        end += (<usize>(d <= threshold)) << 2
        p += 64
      }
    } else {
      while (word != 0) {
        const row = at + <u32>ctz(word)
        word &= word - 1
        p = g.codesAt + ((<usize>row) << 6)
        const d =
          popcnt(q0 ^ load<u64>(p)) +
          popcnt(q1 ^ load<u64>(p, 8)) +
          (popcnt(q2 ^ load<u64>(p, 16)) + popcnt(q3 ^ load<u64>(p, 24)))
        store<u32>(end, row)
        end += (<usize>(d <= threshold)) << 2
      }
    }
  }
  store<u64>(heap, load<u64>(heap, 8) + seen, 8)
  return end
}

/** Keeps those rows of the list whose whole code is within `threshold`; returns the list's new end. */
function near512(list: usize, end: usize, threshold: u64): usize {
  const q0 = load<u64>(codeAt)
  const q1 = load<u64>(codeAt, 8)
  const q2 = load<u64>(codeAt, 16)
  const q3 = load<u64>(codeAt, 24)
  const q4 = load<u64>(codeAt, 32)
  const q5 = load<u64>(codeAt, 40)
  const q6 = load<u64>(codeAt, 48)
  const q7 = load<u64>(codeAt, 56)
  const codes = g.codesAt
  let kept = list
  for (let at = list; at < end; at += 4) {
    const row = load<u32>(at)
    const p = codes + ((<usize>row) << 6)
    const d =
      popcnt(q0 ^ load<u64>(p)) +
      popcnt(q1 ^ load<u64>(p, 8)) +
      (popcnt(q2 ^ load<u64>(p, 16)) + popcnt(q3 ^ load<u64>(p, 24))) +
      (popcnt(q4 ^ load<u64>(p, 32)) +
        popcnt(q5 ^ load<u64>(p, 40)) +
        (popcnt(q6 ^ load<u64>(p, 48)) + popcnt(q7 ^ load<u64>(p, 56))))
    store<u32>(kept, row)
    kept += (<usize>(d <= threshold)) << 2
  }
  return kept
}

/** Appends rows of the tile within `threshold` to `list`, for codes of any length; all ones list every eligible row. */
function nearAny(first: u32, rows: u32, threshold: u64, list: usize): usize {
  let end = list
  let seen: u64 = 0
  for (let at = first; at < first + rows; at += 64) {
    let word = eligibleOf(q, tagBitsAt, at)
    seen += popcnt(word)
    while (word != 0) {
      const row = at + <u32>ctz(word)
      word &= word - 1
      if (threshold == u64.MAX_VALUE || <u64>distance(g.codesAt + <usize>row * g.codeBytes) <= threshold) {
        store<u32>(end, row)
        end += 4
      }
    }
  }
  store<u64>(heap, load<u64>(heap, 8) + seen, 8)
  return end
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

// The heap: u32 at 0 count, at 4 pending rows, u64 at 8 rows seen, 16 rows estimated, 24 rows compared; entries (f32 score, u32 row) from 32, least first.
const ENTRIES: usize = 32

function sink(base: usize, count: u32, score: f32, row: u32): void {
  let at: u32 = 0
  for (;;) {
    let child = at * 2 + 1
    if (child >= count) break
    if (
      child + 1 < count &&
      load<f32>(base + ((<usize>(child + 1)) << 3)) < load<f32>(base + ((<usize>child) << 3))
    )
      child++
    if (load<f32>(base + ((<usize>child) << 3)) >= score) break
    store<u64>(base + ((<usize>at) << 3), load<u64>(base + ((<usize>child) << 3)))
    at = child
  }
  store<f32>(base + ((<usize>at) << 3), score)
  store<u32>(base + ((<usize>at) << 3), row, 4)
}

/** Keeps the best `wanted`; returns the least score kept once there are so many, else the lowest number. */
function keep(score: f32, row: u32, wanted: u32): f32 {
  const base = heap + ENTRIES
  let count = load<u32>(heap)
  if (count < wanted) {
    let at = count
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (load<f32>(base + ((<usize>parent) << 3)) <= score) break
      store<u64>(base + ((<usize>at) << 3), load<u64>(base + ((<usize>parent) << 3)))
      at = parent
    }
    store<f32>(base + ((<usize>at) << 3), score)
    store<u32>(base + ((<usize>at) << 3), row, 4)
    store<u32>(heap, ++count)
  } else if (score > load<f32>(base)) {
    sink(base, count, score, row)
  }
  return count < wanted ? -f32.MAX_VALUE : load<f32>(base)
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

function threshold(floor: i32, table: usize): u64 {
  if (floor == NO_FLOOR) return u64.MAX_VALUE - 1
  const centred = load<f32>(q, 24) * (<f32>floor / SCORE_STEPS) + load<f32>(q, 28)
  const index = <i32>Mathf.floor((centred + 1) * (THRESHOLD_STEPS / 2))
  const within = index < 0 ? 0 : index > <i32>THRESHOLD_STEPS ? <i32>THRESHOLD_STEPS : index
  return <u64>load<u16>(table + ((<usize>within) << 1))
}

/** Copies those rows of the list whose estimated centred cosine reaches `least` to `kept`; returns the copy's end. */
function likely(list: usize, end: usize, least: f32, kept: usize): usize {
  // The estimate is step x (sum of magnitudes, negative where bits differ); with the sum over all on the other side there
  // remains a weighted count of differing bits: 1 for each, 4 more with the high magnitude bit, 2 more with the low one.
  const step = load<f32>(q, 4)
  const most = step > 0 ? (load<f32>(q, 8) - least) / step : 0
  const limit = most > 0 ? <u64>most : 0
  if (g.codeBytes == 64) return likely512(list, end, limit, kept)
  const bytes = <usize>g.codeBytes
  for (let at = list; at < end; at += 4) {
    const row = load<u32>(at)
    const code = g.codesAt + <usize>row * bytes
    let weight: u64 = 0
    for (let i: usize = 0; i < bytes; i += 8) {
      const different = load<u64>(code + i) ^ load<u64>(codeAt + i)
      weight += popcnt(different) + (popcnt(different & load<u64>(planesAt + i)) << 2)
      weight += popcnt(different & load<u64>(planesAt + bytes + i)) << 1
    }
    store<u32>(kept, row)
    kept += (<usize>(weight <= limit)) << 2
  }
  return kept
}

function likely512(list: usize, end: usize, limit: u64, kept: usize): usize {
  const query = codeAt
  const planes = planesAt
  const codes = g.codesAt
  for (let at = list; at < end; at += 4) {
    const row = load<u32>(at)
    const code = codes + ((<usize>row) << 6)
    const d0 = load<u64>(code) ^ load<u64>(query)
    const d1 = load<u64>(code, 8) ^ load<u64>(query, 8)
    const d2 = load<u64>(code, 16) ^ load<u64>(query, 16)
    const d3 = load<u64>(code, 24) ^ load<u64>(query, 24)
    const d4 = load<u64>(code, 32) ^ load<u64>(query, 32)
    const d5 = load<u64>(code, 40) ^ load<u64>(query, 40)
    const d6 = load<u64>(code, 48) ^ load<u64>(query, 48)
    const d7 = load<u64>(code, 56) ^ load<u64>(query, 56)
    const all =
      popcnt(d0) +
      popcnt(d1) +
      (popcnt(d2) + popcnt(d3)) +
      (popcnt(d4) + popcnt(d5) + (popcnt(d6) + popcnt(d7)))
    const high =
      popcnt(d0 & load<u64>(planes)) +
      popcnt(d1 & load<u64>(planes, 8)) +
      (popcnt(d2 & load<u64>(planes, 16)) + popcnt(d3 & load<u64>(planes, 24))) +
      (popcnt(d4 & load<u64>(planes, 32)) +
        popcnt(d5 & load<u64>(planes, 40)) +
        (popcnt(d6 & load<u64>(planes, 48)) + popcnt(d7 & load<u64>(planes, 56))))
    const low =
      popcnt(d0 & load<u64>(planes, 64)) +
      popcnt(d1 & load<u64>(planes, 72)) +
      (popcnt(d2 & load<u64>(planes, 80)) + popcnt(d3 & load<u64>(planes, 88))) +
      (popcnt(d4 & load<u64>(planes, 96)) +
        popcnt(d5 & load<u64>(planes, 104)) +
        (popcnt(d6 & load<u64>(planes, 112)) + popcnt(d7 & load<u64>(planes, 120))))
    store<u32>(kept, row)
    kept += (<usize>(all + (high << 2) + (low << 1) <= limit)) << 2
  }
  return kept
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
    if (score >= least) least = max<f32>(least, keep(score, row, wanted))
  }
  store<u32>(heap, 0, 4)
  store<u64>(heap, load<u64>(heap, 24) + count, 24)
  if (least > -f32.MAX_VALUE) raiseFloor(<i32>Mathf.floor(least * SCORE_STEPS))
}

/** One query over one tile: adds to the pending rows. */
function scanTile(first: u32, rows: u32): void {
  const exact = load<i32>(q, 48) != 0
  const floor = atomic.load<i32>(floorAt)
  let end: usize
  if (exact) {
    end = nearAny(first, rows, u64.MAX_VALUE, list)
  } else if (g.codeBytes == 64) {
    end = halfNear512(first, rows, threshold(floor, g.halfThresholdsAt), list)
    end = near512(list, end, threshold(floor, g.thresholdsAt))
  } else {
    end = nearAny(first, rows, threshold(floor, g.thresholdsAt), list)
  }
  if (end == list) return
  store<u64>(heap, load<u64>(heap, 16) + (<u64>(end - list) >> 2), 16)
  const from = pending + ((<usize>load<u32>(heap, 4)) << 2)
  let to = from + (end - list)
  if (exact || floor == NO_FLOOR) {
    memory.copy(from, list, end - list)
  } else {
    const least = load<f32>(q, 24) * (<f32>floor / SCORE_STEPS) + load<f32>(q, 28)
    to = likely(list, end, least - load<f32>(q, 36), from)
  }
  store<u32>(heap, <u32>((to - pending) >> 2), 4)
  if (to - pending >= FLUSH_BYTES) compare()
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
  let taken: u32 = 0
  while (atomic.load<i32>(slot, 4) == 0) {
    const chunk = claim(slot, rows)
    if (chunk < 0) break
    const first = <u32>chunk * CHUNK_ROWS
    const last = min<u32>(first + CHUNK_ROWS, rows)
    taken += last - first
    for (let tile = first; tile < last; tile += TILE_ROWS) {
      const count = min<u32>(TILE_ROWS, last - tile)
      for (let i = 0; i < queries; i++) {
        if (choose(slot, heaps, i)) scanTile(tile, count)
      }
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
  if (atomic.load<i32>(q, 44) == 0) return false
  codeAt = q + load<u32>(q, 64)
  planesAt = q + load<u32>(q, 68)
  int16At = q + load<u32>(q, 72)
  tagBitsAt = q + load<u32>(q, 76)
  heap = heaps + <usize>i * g.resultBytes
  floorAt = slot + FLOORS + ((<usize>i) << 2)
  pending = list + LIST_BYTES + <usize>i * PENDING_BYTES
  return true
}

/** Queries of one pass. */
export const MAX_BATCH: i32 = 8

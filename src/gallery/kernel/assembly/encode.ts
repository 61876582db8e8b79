import * as g from './geometry'

// Template -> int8 + code, and query -> everything the scan compares with.

/** Largest magnitude of an int8 template's number. */
const INT8_MAX: f32 = 127
/** Largest magnitude of a query's number: 127 x 4095 x 2048 numbers stay under 2^31. */
const QUERY_MAX: f32 = 4095
/** Width of the steps of a query's magnitudes, in standard deviations: the best uniform one for eight levels (Max 1960). */
const MAGNITUDE_STEP: f32 = 0.586
/** Magnitudes are (level + 1/2) steps, level 0 to 3. */
const TOP_LEVEL: f32 = 3
/** Largest entry of a table: 16 of them, of eight bytes of code, stay within a byte. */
const TABLE_MAX: f32 = 15

/** In place fast Walsh-Hadamard transform of `g.rotated` f32, unnormalised: grows lengths by sqrt(rotated). */
function hadamard(at: usize): void {
  const bytes = (<usize>g.rotated) << 2
  // Steps 1 and 2 inside one vector of four.
  const flip2 = f32x4(1, 1, -1, -1)
  const flip1 = f32x4(1, -1, 1, -1)
  for (let p = at; p < at + bytes; p += 16) {
    let v = v128.load(p)
    v = f32x4.add(v128.shuffle<f32>(v, v, 2, 3, 0, 1), f32x4.mul(v, flip2))
    v = f32x4.add(v128.shuffle<f32>(v, v, 1, 0, 3, 2), f32x4.mul(v, flip1))
    v128.store(p, v)
  }
  let half: usize = 16
  // Two steps at once, as long as there are two: half the loads and stores.
  for (; half << 1 < bytes; half <<= 2) {
    for (let block = at; block < at + bytes; block += half << 2) {
      for (let p = block; p < block + half; p += 16) {
        const a = v128.load(p)
        const b = v128.load(p + half)
        const c = v128.load(p + half * 2)
        const d = v128.load(p + half * 3)
        const ab = f32x4.add(a, b)
        const cd = f32x4.add(c, d)
        const a_b = f32x4.sub(a, b)
        const c_d = f32x4.sub(c, d)
        v128.store(p, f32x4.add(ab, cd))
        v128.store(p + half, f32x4.add(a_b, c_d))
        v128.store(p + half * 2, f32x4.sub(ab, cd))
        v128.store(p + half * 3, f32x4.sub(a_b, c_d))
      }
    }
  }
  if (half < bytes) {
    for (let p = at; p < at + half; p += 16) {
      const a = v128.load(p)
      const b = v128.load(p + half)
      v128.store(p, f32x4.add(a, b))
      v128.store(p + half, f32x4.sub(a, b))
    }
  }
}

/** Three rounds of sign flips and Walsh-Hadamard, kept orthonormal. [Note: the transform] in `transform.ts`. */
function rotate(at: usize): void {
  const bytes = (<usize>g.rotated) << 2
  const shrink = f32x4.splat(<f32>(1.0 / Math.sqrt(<f64>g.rotated)))
  for (let round: usize = 0; round < 3; round++) {
    const signs = g.signsAt + round * bytes
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(at + i, f32x4.mul(f32x4.mul(v128.load(at + i), v128.load(signs + i)), shrink))
    }
    hadamard(at)
  }
}

function lengthOf(at: usize, count: i32): f64 {
  let sum: f64 = 0
  for (let i = 0; i < count; i++) {
    const x = <f64>load<f32>(at + ((<usize>i) << 2))
    sum += x * x
  }
  return Math.sqrt(sum)
}

function largest(at: usize, count: i32): f32 {
  let most: f32 = 0
  for (let i = 0; i < count; i++) most = max<f32>(most, abs<f32>(load<f32>(at + ((<usize>i) << 2))))
  return most
}

/** Writes the sign bits of `g.rotated` f32 at `from` to `to`. */
function packSigns(from: usize, to: usize): void {
  for (let i: usize = 0; i < <usize>g.rotated; i += 8) {
    const low = i32x4.bitmask(v128.load(from + (i << 2)))
    const high = i32x4.bitmask(v128.load(from + (i << 2) + 16))
    // A set sign bit is a negative number; codes hold 1 for numbers that are not negative.
    store<u8>(to + (i >> 3), ~(low | (high << 4)))
  }
}

/** Quantises unit-normalised f32 at `from` (any length but zero) into row `row`. */
function quantise(from: usize, row: u32): void {
  const unit = <f32>(1.0 / lengthOf(from, g.length))
  const most = largest(from, g.length) * unit
  const scale = most / INT8_MAX
  const step = unit / scale
  const to = g.int8At + <usize>row * g.rowBytes
  const steps = f32x4.splat(step)
  // Whole vectors first, whatever remains one by one.
  const whole = g.length & ~7
  for (let i: usize = 0; i < <usize>whole; i += 8) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + (i << 2)), steps)))
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + (i << 2) + 16), steps)))
    const both = i16x8.narrow_i32x4_s(low, high)
    v128.store64_lane(to + i, i8x16.narrow_i16x8_s(both, both), 0)
  }
  for (let i = whole; i < g.length; i++) {
    store<i8>(to + i, <i8>nearest<f32>(load<f32>(from + ((<usize>i) << 2)) * step))
  }
  for (let i = g.length; i < g.rowBytes; i++) store<i8>(to + i, 0)
  store<f32>(g.scaleAt + ((<usize>row) << 2), scale)
}

/** Makes codes of rows `first` .. `first + count` from their int8 templates and the present mean. */
export function recode(first: u32, count: u32, worker: i32): void {
  const work = g.scratchAt + <usize>worker * g.scratchBytes
  for (let row = first; row < first + count; row++) {
    const scale = load<f32>(g.scaleAt + ((<usize>row) << 2))
    const code = g.codesAt + <usize>row * g.codeBytes
    if (scale == 0) {
      memory.fill(code, 0, g.codeBytes)
      stripe(code, row)
      continue
    }
    const from = g.int8At + <usize>row * g.rowBytes
    const scales = f32x4.splat(scale)
    // Both columns are padded with zeros to whole vectors.
    for (let i: usize = 0; i < <usize>g.rowBytes; i += 4) {
      const x = f32x4.convert_i32x4_s(
        i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from + i))),
      )
      v128.store(work + (i << 2), f32x4.sub(f32x4.mul(x, scales), v128.load(g.meanAt + (i << 2))))
    }
    memory.fill(work + ((<usize>g.length) << 2), 0, (<usize>(g.rotated - g.length)) << 2)
    rotate(work)
    packSigns(work, code)
    stripe(code, row)
  }
}

/** Copies the first bytes of the row's code to the stripes. */
function stripe(code: usize, row: u32): void {
  const bytes = <usize>g.stripeBytes
  const to = g.stripesAt + <usize>(row >> 4) * (bytes << 4) + <usize>(row & 15)
  for (let i: usize = 0; i < bytes; i++) store<u8>(to + (i << 4), load<u8>(code + i))
}

/**
 * Writes, for each nibble of the striped bytes, the sum of its four numbers with the signs of each of 16 patterns, in steps
 * from the least; returns the step. [Note: the shortlist] in `search-plan.ts`.
 */
function writeTables(work: usize, to: usize): f32 {
  const nibbles = (<usize>g.stripeBytes) << 1
  let widest: f32 = 0
  for (let n: usize = 0; n < nibbles; n++) widest = max<f32>(widest, 2 * magnitudeOf(work + (n << 4)))
  const step = widest / TABLE_MAX
  for (let n: usize = 0; n < nibbles; n++) {
    const at = work + (n << 4)
    const all = magnitudeOf(at)
    for (let pattern: usize = 0; pattern < 16; pattern++) {
      let sum = all
      for (let i: usize = 0; i < 4; i++) {
        const x = load<f32>(at + (i << 2))
        sum += (pattern >> i) & 1 ? x : -x
      }
      store<u8>(to + (n << 4) + pattern, step > 0 ? <u8>nearest<f32>(sum / step) : 0)
    }
  }
  return step
}

/** Sum of the magnitudes of four numbers. */
function magnitudeOf(at: usize): f32 {
  return (
    abs<f32>(load<f32>(at)) +
    abs<f32>(load<f32>(at, 4)) +
    abs<f32>(load<f32>(at, 8)) +
    abs<f32>(load<f32>(at, 12))
  )
}

/** Encodes `count` f32 templates at `from` as rows `first` ...; they must be finite and not all zero. */
export function encode(from: usize, first: u32, count: u32, worker: i32): void {
  for (let i: u32 = 0; i < count; i++) {
    quantise(from + <usize>i * <usize>g.length * 4, first + i)
  }
  recode(first, count, worker)
}

/**
 * Prepares the f32 template at `from` as a query at `to` (fields: `QUERY` of `shard-layout.ts`): f32 at 0 scale, 4 magnitude
 * step, 8 sum of magnitudes, 16 dot with mean, 20 length of the centred query, 104 share of its square in the striped part, 108
 * gain and 112 offset of sums from the tables; then, at the given offsets, its code, the high and the low bits of its
 * magnitudes' levels, the tables, and the int16 template.
 */
export function encodeQuery(
  from: usize,
  to: usize,
  codeAt: usize,
  planesAt: usize,
  tablesAt: usize,
  int16At: usize,
  worker: i32,
): void {
  const work = g.scratchAt + <usize>worker * g.scratchBytes
  const unit = <f32>(1.0 / lengthOf(from, g.length))
  const scale = (largest(from, g.length) * unit) / QUERY_MAX
  let meanDot: f64 = 0
  for (let i = g.length; i < g.rowBytes; i++) store<i16>(to + int16At + ((<usize>i) << 1), 0)
  for (let i = 0; i < g.length; i++) {
    const x = load<f32>(from + ((<usize>i) << 2)) * unit
    const mean = load<f32>(g.meanAt + ((<usize>i) << 2))
    store<i16>(to + int16At + ((<usize>i) << 1), <i16>nearest<f32>(x / scale))
    meanDot += <f64>(x * mean)
    store<f32>(work + ((<usize>i) << 2), x - mean)
  }
  memory.fill(work + ((<usize>g.length) << 2), 0, (<usize>(g.rotated - g.length)) << 2)
  const span = lengthOf(work, g.length)
  rotate(work)
  packSigns(work, to + codeAt)
  const step = MAGNITUDE_STEP * <f32>(span / Math.sqrt(<f64>g.rotated))
  const bytes = <usize>g.codeBytes
  memory.fill(to + planesAt, 0, bytes * 2)
  let levels: f32 = 0
  let along: f64 = 0
  for (let i = 0; i < g.rotated; i++) {
    const magnitude = abs<f32>(load<f32>(work + ((<usize>i) << 2)))
    const level = step > 0 ? <i32>min<f32>(Mathf.floor(magnitude / step), TOP_LEVEL) : 0
    const byte = to + planesAt + (<usize>i >> 3)
    store<u8>(byte, load<u8>(byte) | <u8>((level >> 1) << (i & 7)))
    store<u8>(byte + bytes, load<u8>(byte + bytes) | <u8>((level & 1) << (i & 7)))
    levels += <f32>level + 0.5
    along += (<f64>level + 0.5) * <f64>step * <f64>magnitude
  }
  // Whole steps are not quite the query; what they are along it is divided out, which keeps the estimate unbiased.
  // A centred row's rotated numbers are sqrt(2 / (pi n)) of its length in the mean.
  const unsign = Math.sqrt(Math.PI / 2 / <f64>g.rotated)
  const stretched = along > 0 ? <f32>((<f64>step * span * unsign) / along) : 0
  store<f32>(to, scale)
  store<f32>(to, stretched, 4)
  store<f32>(to, stretched * levels, 8)
  store<f32>(to, <f32>meanDot, 16)
  store<f32>(to, <f32>span, 20)

  const tableStep = writeTables(work, to + tablesAt)
  const part = lengthOf(work, g.stripeBytes << 3)
  let magnitudes: f32 = 0
  for (let i: usize = 0; i < (<usize>g.stripeBytes) << 5; i += 16) magnitudes += magnitudeOf(work + i)
  const some = tableStep > 0 && part > 0
  store<f32>(to, some ? <f32>((part * part) / (span * span)) : 1, 104)
  store<f32>(to, some ? <f32>((part * part) / (span * unsign * tableStep)) : 0, 108)
  store<f32>(to, some ? magnitudes / tableStep : 0, 112)
}

import * as g from './geometry'

// Template -> int8 + code, and query -> everything the scan compares with.

/** Largest magnitude of an int8 template's number. */
const INT8_MAX: f32 = 127
/** Largest magnitude of a query's number: 127 x 4095 x 2048 numbers stay under 2^31. */
const QUERY_MAX: f32 = 4095
/** Numbers beyond so many standard deviations count as large: the best boundary for two magnitudes (Max 1960, 4 levels). */
const LARGE: f32 = 0.9816

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
  }
}

/** Encodes `count` f32 templates at `from` as rows `first` ...; they must be finite and not all zero. */
export function encode(from: usize, first: u32, count: u32, worker: i32): void {
  for (let i: u32 = 0; i < count; i++) {
    quantise(from + <usize>i * <usize>g.length * 4, first + i)
  }
  recode(first, count, worker)
}

/**
 * Prepares the f32 template at `from` as a query at `to` (fields: `QUERY` of `shard-layout.ts`): f32 at 0 scale, 4 small
 * magnitude, 8 large less small magnitude, 12 count of large numbers, 16 dot with mean, 20 length of the centred query;
 * then, at the given offsets, its code, a bit for each large number, and the int16 template.
 */
export function encodeQuery(
  from: usize,
  to: usize,
  codeAt: usize,
  largeAt: usize,
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
  const boundary = LARGE * <f32>(span / Math.sqrt(<f64>g.rotated))
  memory.fill(to + largeAt, 0, g.codeBytes)
  let count: f32 = 0
  let smallSum: f64 = 0
  let largeSum: f64 = 0
  for (let i = 0; i < g.rotated; i++) {
    const magnitude = abs<f32>(load<f32>(work + ((<usize>i) << 2)))
    if (magnitude > boundary) {
      const byte = to + largeAt + (<usize>i >> 3)
      store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(i & 7))))
      count++
      largeSum += <f64>magnitude
    } else {
      smallSum += <f64>magnitude
    }
  }
  const small = <f32>(smallSum / <f64>max<f32>(1, <f32>g.rotated - count))
  const large = <f32>(largeSum / <f64>max<f32>(1, count))
  // Each magnitude stands for its mean, which makes the whole shorter; what is divided out keeps the estimate unbiased.
  const square = small * small * (<f32>g.rotated - count) + large * large * count
  // A centred row's numbers are sqrt(2 / (pi n)) of its length in the mean.
  const unsign = Mathf.sqrt(Mathf.PI / 2 / <f32>g.rotated)
  const stretch = square > 0 ? (<f32>span / square) * unsign : 0
  store<f32>(to, scale)
  store<f32>(to, small * stretch, 4)
  store<f32>(to, count > 0 ? (large - small) * stretch : 0, 8)
  store<f32>(to, count, 12)
  store<f32>(to, <f32>meanDot, 16)
  store<f32>(to, <f32>span, 20)
}

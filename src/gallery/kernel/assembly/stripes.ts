import * as g from './geometry'

// Sums of table entries over the first bytes of codes, 16 rows at once (after "PQ Fast Scan", André, Kermarrec and
// Le Scouarnec, VLDB 2015, as RaBitQ uses it). A vector holds one byte of 16 rows; each of its nibbles picks an entry.

/** Bytes of code after which sums of bytes are moved to wider numbers: 16 entries of at most 15. */
const VECTORS: usize = 8

/** Bits of those of 64 rows whose sum reaches `cut`; looks only at blocks of 16 with rows of `word`. */
export function reached(tables: usize, first: u32, word: u64, cut: i32): u64 {
  const blockBytes = (<usize>g.stripeBytes) << 4
  const low4 = i8x16.splat(15)
  const cuts = i16x8.splat(<i16>cut)
  let p = g.stripesAt + (<usize>first >> 4) * blockBytes
  let bits: u64 = 0
  for (let shift: u64 = 0; shift < 64; shift += 16, p += blockBytes) {
    if (((word >> shift) & 0xffff) == 0) continue
    let low = i16x8.splat(0)
    let high = low
    let t = tables
    for (let v = p; v < p + blockBytes; v += VECTORS << 4) {
      let sums = sumOf(v128.load(v), t, low4)
      sums = i8x16.add(sums, sumOf(v128.load(v, 16), t + 32, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 32), t + 64, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 48), t + 96, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 64), t + 128, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 80), t + 160, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 96), t + 192, low4))
      sums = i8x16.add(sums, sumOf(v128.load(v, 112), t + 224, low4))
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(sums))
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(sums))
      t += VECTORS << 5
    }
    bits |= bitsOf(low, high, cuts) << shift
  }
  return bits
}

/** The same for four queries at once, each row of bytes read once; bits of query n go to `to` + 8 n. */
export function reachedByFour(
  tables0: usize,
  tables1: usize,
  tables2: usize,
  tables3: usize,
  first: u32,
  word: u64,
  cuts: usize,
  to: usize,
): void {
  const blockBytes = (<usize>g.stripeBytes) << 4
  const low4 = i8x16.splat(15)
  let p = g.stripesAt + (<usize>first >> 4) * blockBytes
  let bits0: u64 = 0
  let bits1: u64 = 0
  let bits2: u64 = 0
  let bits3: u64 = 0
  for (let shift: u64 = 0; shift < 64; shift += 16, p += blockBytes) {
    if (((word >> shift) & 0xffff) == 0) continue
    let low0 = i16x8.splat(0)
    let low1 = low0
    let low2 = low0
    let low3 = low0
    let high0 = low0
    let high1 = low0
    let high2 = low0
    let high3 = low0
    let t: usize = 0
    for (let v = p; v < p + blockBytes; v += VECTORS << 4) {
      let sums0 = i8x16.splat(0)
      let sums1 = sums0
      let sums2 = sums0
      let sums3 = sums0
      for (let i = v; i < v + (VECTORS << 4); i += 32) {
        let codes = v128.load(i)
        let a = v128.and(codes, low4)
        let b = v128.and(i16x8.shr_u(codes, 4), low4)
        sums0 = i8x16.add(sums0, pick(tables0 + t, a, b))
        sums1 = i8x16.add(sums1, pick(tables1 + t, a, b))
        sums2 = i8x16.add(sums2, pick(tables2 + t, a, b))
        sums3 = i8x16.add(sums3, pick(tables3 + t, a, b))
        codes = v128.load(i, 16)
        a = v128.and(codes, low4)
        b = v128.and(i16x8.shr_u(codes, 4), low4)
        sums0 = i8x16.add(sums0, pick(tables0 + t + 32, a, b))
        sums1 = i8x16.add(sums1, pick(tables1 + t + 32, a, b))
        sums2 = i8x16.add(sums2, pick(tables2 + t + 32, a, b))
        sums3 = i8x16.add(sums3, pick(tables3 + t + 32, a, b))
        t += 64
      }
      low0 = i16x8.add(low0, i16x8.extend_low_i8x16_u(sums0))
      low1 = i16x8.add(low1, i16x8.extend_low_i8x16_u(sums1))
      low2 = i16x8.add(low2, i16x8.extend_low_i8x16_u(sums2))
      low3 = i16x8.add(low3, i16x8.extend_low_i8x16_u(sums3))
      high0 = i16x8.add(high0, i16x8.extend_high_i8x16_u(sums0))
      high1 = i16x8.add(high1, i16x8.extend_high_i8x16_u(sums1))
      high2 = i16x8.add(high2, i16x8.extend_high_i8x16_u(sums2))
      high3 = i16x8.add(high3, i16x8.extend_high_i8x16_u(sums3))
    }
    bits0 |= bitsOf(low0, high0, i16x8.splat(load<i16>(cuts))) << shift
    bits1 |= bitsOf(low1, high1, i16x8.splat(load<i16>(cuts, 4))) << shift
    bits2 |= bitsOf(low2, high2, i16x8.splat(load<i16>(cuts, 8))) << shift
    bits3 |= bitsOf(low3, high3, i16x8.splat(load<i16>(cuts, 12))) << shift
  }
  store<u64>(to, bits0)
  store<u64>(to, bits1, 8)
  store<u64>(to, bits2, 16)
  store<u64>(to, bits3, 24)
}

function sumOf(codes: v128, tables: usize, low4: v128): v128 {
  return pick(tables, v128.and(codes, low4), v128.and(i16x8.shr_u(codes, 4), low4))
}

/** Entries of both nibbles of 16 rows. Nibbles are below 16, so the relaxed form picks the same on every machine. */
function pick(tables: usize, a: v128, b: v128): v128 {
  return i8x16.add(
    i8x16.relaxed_swizzle(v128.load(tables), a),
    i8x16.relaxed_swizzle(v128.load(tables, 16), b),
  )
}

function bitsOf(low: v128, high: v128, cuts: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.ge_s(low, cuts), i16x8.ge_s(high, cuts))))
}

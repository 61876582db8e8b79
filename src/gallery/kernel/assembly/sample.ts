import * as g from './geometry'

// Scores of many pairs for calibration, and the plain reading of memory that scans are measured against.

/** Dot product of two int8 templates. */
function dot(x: usize, y: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  for (let i: usize = 0; i < <usize>g.rowBytes; i += 16) {
    const v = v128.load(x + i)
    const w = v128.load(y + i)
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(v), i16x8.extend_low_i8x16_s(w)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(v), i16x8.extend_high_i8x16_s(w)))
  }
  const s = i32x4.add(a, b)
  return (
    i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3)
  )
}

/**
 * Adds the cosines of all pairs of two lists to a histogram of u32 over [-1, 1]. Pairs of the same person are left out:
 * a person is an i32 beside each row, negative when nobody knows who it is.
 * Each list: f32 scales, i32 persons, then int8 templates.
 */
export function samplePairs(x: usize, xCount: u32, y: usize, yCount: u32, histogram: usize, bins: i32): void {
  const xRows = x + ((<usize>xCount) << 3)
  const yRows = y + ((<usize>yCount) << 3)
  const half: f32 = <f32>bins / 2
  for (let i: usize = 0; i < <usize>xCount; i++) {
    const scale = load<f32>(x + (i << 2))
    const person = load<i32>(x + ((<usize>xCount) << 2) + (i << 2))
    for (let j: usize = 0; j < <usize>yCount; j++) {
      if (person >= 0 && person == load<i32>(y + ((<usize>yCount) << 2) + (j << 2))) continue
      const score = <f32>dot(xRows + i * g.rowBytes, yRows + j * g.rowBytes) * scale * load<f32>(y + (j << 2))
      const bin = <i32>Mathf.floor((score + 1) * half)
      const at = histogram + ((<usize>(bin < 0 ? 0 : bin >= bins ? bins - 1 : bin)) << 2)
      store<u32>(at, load<u32>(at) + 1)
    }
  }
}

/** Reads `bytes` (a multiple of 64) and returns their exclusive or: what any scan must at least do. */
export function readThrough(from: usize, bytes: usize): i64 {
  let a = i64x2.splat(0)
  let b = a
  let c = a
  let d = a
  for (let p = from; p < from + bytes; p += 64) {
    a = v128.xor(a, v128.load(p))
    b = v128.xor(b, v128.load(p, 16))
    c = v128.xor(c, v128.load(p, 32))
    d = v128.xor(d, v128.load(p, 48))
  }
  const r = v128.xor(v128.xor(a, b), v128.xor(c, d))
  return i64x2.extract_lane(r, 0) ^ i64x2.extract_lane(r, 1)
}

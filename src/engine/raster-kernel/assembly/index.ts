// Pixels in WebAssembly SIMD. Pictures are RGBX, four bytes a pixel (X is 0), row by row; planes are f32, one after another.
// `raster-kernel.ts` decides where things lie; addresses are bytes.

/** Bilinear weights are whole numbers of so many bits: a grey level is off by less than 0.02. */
const WEIGHT_BITS: i32 = 14
const ONE: i32 = 1 << WEIGHT_BITS

/** RGB, three bytes a pixel, -> RGBX. 4 bytes past `from + 3 * pixels` and 12 past the end of `to` are touched. */
export function spread(from: usize, to: usize, pixels: i32): void {
  for (let pixel = 0; pixel < pixels; pixel += 4) {
    const rgb = v128.load(from)
    v128.store(to, i8x16.shuffle(rgb, i8x16.splat(0), 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16))
    from += 12
    to += 16
  }
}

/** Halves a picture by averaging 2 x 2 pixels, rounding half up; an odd last row or column is dropped. */
export function halve(from: usize, width: i32, height: i32, to: usize): void {
  const stride = (<usize>width) << 2
  const halfWidth = width >> 1
  for (let y = 0; y < height >> 1; y++) {
    let upper = from + <usize>(2 * y) * stride
    let x = 0
    for (; x + 2 <= halfWidth; x += 2, upper += 16, to += 8) {
      const a = v128.load(upper)
      const b = v128.load(upper + stride)
      const left = i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b))
      const right = i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b))
      const even = i16x8.shuffle(left, right, 0, 1, 2, 3, 8, 9, 10, 11)
      const odd = i16x8.shuffle(left, right, 4, 5, 6, 7, 12, 13, 14, 15)
      const mean = i16x8.shr_u(i16x8.add(i16x8.add(even, odd), i16x8.splat(2)), 2)
      v128.store64_lane(to, i8x16.narrow_i16x8_u(mean, mean), 0)
    }
    if (x < halfWidth) {
      for (let c: usize = 0; c < 4; c++) {
        const sum =
          <u32>load<u8>(upper + c) +
          load<u8>(upper + c + 4) +
          load<u8>(upper + stride + c) +
          load<u8>(upper + stride + c + 4)
        store<u8>(to + c, <u8>((sum + 2) >> 2))
      }
      to += 4
    }
  }
}

/**
 * Bilinear samples of a picture along a similarity, into three planes of `columns * rows` numbers in 0..255.
 * @param dx, dy step in the picture from one output column to the next, pixels
 * @param x, y position of the first output pixel, pixel indices
 */
export function sample(
  picture: usize,
  width: i32,
  height: i32,
  x: f64,
  y: f64,
  dx: f64,
  dy: f64,
  columns: i32,
  rows: i32,
  fill: f32,
  out: usize,
): void {
  const stride = (<usize>width) << 2
  const plane = (<usize>columns * <usize>rows) << 2
  const maxX = <f64>(width - 1)
  const maxY = <f64>(height - 1)
  const stepX = fixed(dx)
  const stepY = fixed(dy)
  for (let row = 0; row < rows; row++) {
    const startX = x - dy * <f64>row
    const startY = y + dx * <f64>row
    const from = max(firstWithin(startX, dx, columns, maxX), firstWithin(startY, dy, columns, maxY))
    const to = max(from, min(endWithin(startX, dx, columns, maxX), endWithin(startY, dy, columns, maxY)))
    edges(picture, width, height, startX, startY, dx, dy, 0, from, fill, out, plane)
    edges(picture, width, height, startX, startY, dx, dy, to, columns, fill, out, plane)
    inside(
      picture,
      stride,
      fixed(startX + dx * <f64>from),
      fixed(startY + dy * <f64>from),
      stepX,
      stepY,
      to - from,
      out + ((<usize>from) << 2),
      plane,
    )
    out += (<usize>columns) << 2
  }
}

/** Positions are whole numbers of 1 / 2^32 pixel. */
const FRACTION_BITS: i64 = 32
const WEIGHT_SHIFT: i64 = FRACTION_BITS - <i64>WEIGHT_BITS

function fixed(position: f64): i64 {
  return <i64>(position * <f64>((<i64>1) << FRACTION_BITS))
}

/** Samples whose four neighbours lie in the picture. */
function inside(
  picture: usize,
  stride: usize,
  x: i64,
  y: i64,
  stepX: i64,
  stepY: i64,
  count: i32,
  out: usize,
  plane: usize,
): void {
  const second = out + plane
  const third = second + plane
  const end = (<usize>count) << 2
  const zero = i8x16.splat(0)
  const unit = f32x4.splat(<f32>1 / <f32>ONE)
  for (let offset: usize = 0; offset < end; offset += 4) {
    const at = picture + <usize>(y >> FRACTION_BITS) * stride + ((<usize>(x >> FRACTION_BITS)) << 2)
    const fx = <i32>(x >> WEIGHT_SHIFT) & (ONE - 1)
    const fy = <i32>(y >> WEIGHT_SHIFT) & (ONE - 1)
    const w11 = (fx * fy) >> WEIGHT_BITS
    const w10 = fx - w11
    const w01 = fy - w11
    const w00 = ONE - fx - w01
    // Each pixel and its right neighbour, channel by channel, as 16-bit numbers.
    const upper = i8x16.shuffle(
      v128.load64_zero(at),
      zero,
      0,
      16,
      4,
      16,
      1,
      16,
      5,
      16,
      2,
      16,
      6,
      16,
      3,
      16,
      7,
      16,
    )
    const lower = i8x16.shuffle(
      v128.load64_zero(at + stride),
      zero,
      0,
      16,
      4,
      16,
      1,
      16,
      5,
      16,
      2,
      16,
      6,
      16,
      3,
      16,
      7,
      16,
    )
    const sum = i32x4.add(
      i32x4.dot_i16x8_s(upper, i32x4.splat(w00 | (w10 << 16))),
      i32x4.dot_i16x8_s(lower, i32x4.splat(w01 | (w11 << 16))),
    )
    const grey = f32x4.mul(f32x4.convert_i32x4_s(sum), unit)
    v128.store32_lane(out + offset, grey, 0)
    v128.store32_lane(second + offset, grey, 1)
    v128.store32_lane(third + offset, grey, 2)
    x += stepX
    y += stepY
  }
}

/** Samples of columns `from` to before `to` that lie near or past the picture's edge. */
function edges(
  picture: usize,
  width: i32,
  height: i32,
  startX: f64,
  startY: f64,
  dx: f64,
  dy: f64,
  from: i32,
  to: i32,
  fill: f32,
  out: usize,
  plane: usize,
): void {
  for (let column = from; column < to; column++) {
    const x = startX + dx * <f64>column
    const y = startY + dy * <f64>column
    edge(picture, width, height, x, y, fill, out + ((<usize>column) << 2), plane)
  }
}

// Columns whose position start + column * step has neighbours on both sides, 0 <= position < most. One column less on
// each side than rounding could be wrong by.

function firstWithin(start: f64, step: f64, columns: i32, most: f64): i32 {
  if (step == 0) return start >= 0 && start < most ? 0 : columns
  const low = step > 0 ? -start / step : (most - start) / step
  return <i32>min(<f64>columns, max(0, ceil(low) + 1))
}

function endWithin(start: f64, step: f64, columns: i32, most: f64): i32 {
  if (step == 0) return columns
  const high = step > 0 ? (most - start) / step : -start / step
  return <i32>max(0, min(<f64>columns, floor(high) - 1))
}

/** A sample near or past the picture's edge; edge pixels reach half a pixel beyond their centres. */
function edge(
  picture: usize,
  width: i32,
  height: i32,
  x: f64,
  y: f64,
  fill: f32,
  out: usize,
  plane: usize,
): void {
  const maxX = <f64>(width - 1)
  const maxY = <f64>(height - 1)
  const outside = x < -0.5 || y < -0.5 || x > maxX + 0.5 || y > maxY + 0.5
  const left = min(maxX, max(0, x))
  const top = min(maxY, max(0, y))
  const x0 = <i32>left
  const y0 = <i32>top
  const fx = <f32>(left - <f64>x0)
  const fy = <f32>(top - <f64>y0)
  const at = picture + ((<usize>y0 * <usize>width + <usize>x0) << 2)
  const right: usize = x0 < width - 1 ? 4 : 0
  const down: usize = y0 < height - 1 ? (<usize>width) << 2 : 0
  for (let c: usize = 0; c < 3; c++) {
    const upper = <f32>load<u8>(at + c) * (1 - fx) + <f32>load<u8>(at + right + c) * fx
    const lower = <f32>load<u8>(at + down + c) * (1 - fx) + <f32>load<u8>(at + down + right + c) * fx
    store<f32>(out + c * plane, outside ? fill : upper * (1 - fy) + lower * fy)
  }
}

/** (number - shift) * factor, in place, for `count` numbers, rounded up to a multiple of 4. */
export function normalise(at: usize, count: i32, shift: f32, factor: f32): void {
  const shifts = f32x4.splat(shift)
  const factors = f32x4.splat(factor)
  for (let i = 0; i < count; i += 4, at += 16)
    v128.store(at, f32x4.mul(f32x4.sub(v128.load(at), shifts), factors))
}

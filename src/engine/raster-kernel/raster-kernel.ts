import type { Raster, Similarity } from '../raster-types.ts'
import { KERNEL_BASE64 } from './kernel-bytes.ts'

/**
 * [Note: Held picture] Sampling in WebAssembly SIMD takes a fifth of the time that it takes in JavaScript, but the
 * pixels must lie in the kernel's memory. Each thread's kernel holds one picture with its halvings: the one last
 * sampled from. The next one takes its place, so there is nothing to free, and photos that one thread reads in turns
 * cost copies, never wrong pixels, since every call is synchronous.
 */
interface Kernel {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  spread(from: number, to: number, pixels: number): void
  halve(from: number, width: number, height: number, to: number): void
  sample(
    picture: number,
    width: number,
    height: number,
    x: number,
    y: number,
    dx: number,
    dy: number,
    columns: number,
    rows: number,
    fill: number,
    out: number,
  ): void
  normalise(at: number, count: number, shift: number, factor: number): void
}

/** A picture in the kernel's memory. */
interface Level {
  at: number
  width: number
  height: number
}

const PAGE_BYTES = 65_536
/** Before the first picture and after everything: room that the kernel may touch past the end. */
const SLACK_BYTES = 64
const RGBX_BYTES = 4
/** A level with a side this small is not halved. */
const MIN_LEVEL_PX = 16
/** Sampling up to sqrt(2) coarser than a level is still clean enough to skip a halving. */
const LEVEL_BIAS = 0.5

const kernel = startKernel()
let held: { picture: Raster; levels: Level[] } | undefined

function startKernel(): Kernel {
  const module = new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64'))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the exports of `assembly/index.ts`, which a test compiles
  return new WebAssembly.Instance(module, {}).exports as unknown as Kernel
}

/**
 * Samples a view of the picture from the coarsest of its halvings that does not alias.
 * @param toSource from output to picture coordinates, see [Note: Coordinates]
 * @param fill value in 0..255 for what lies outside the picture
 * @returns three planes of `width * height` numbers in 0..255, in the kernel's memory: to be copied before the next call
 */
export function samplePlanes(
  picture: Raster,
  toSource: Similarity,
  width: number,
  height: number,
  fill: number,
): Float32Array {
  const levels = hold(picture)
  const wanted = Math.log2(Math.max(1, Math.hypot(toSource.a, toSource.b))) + LEVEL_BIAS
  const { level, factor } = levelOf(levels, Math.floor(wanted))
  const dx = toSource.a / factor
  const dy = toSource.b / factor
  // From continuous coordinates to pixel indices: the first output pixel's centre lies at (0.5, 0.5).
  const x = (dx - dy) * 0.5 + toSource.tx / factor - 0.5
  const y = (dx + dy) * 0.5 + toSource.ty / factor - 0.5
  const out = endOf(levels)
  const count = 3 * width * height
  reserve(out + count * Float32Array.BYTES_PER_ELEMENT)
  kernel.sample(level.at, level.width, level.height, x, y, dx, dy, width, height, fill, out)
  return new Float32Array(kernel.memory.buffer, out, count)
}

/** Writes `(value - shift) * factor` of every value into `target`, which has as many; values in the kernel's memory change. */
export function normalise(values: Float32Array, shift: number, factor: number, target: Float32Array): void {
  const inKernel = values.buffer === kernel.memory.buffer ? values : copyIn(values)
  kernel.normalise(inKernel.byteOffset, inKernel.length, shift, factor)
  target.set(inKernel)
}

function copyIn(values: Float32Array): Float32Array {
  const at = held === undefined ? SLACK_BYTES : endOf(held.levels)
  reserve(at + values.byteLength)
  const copy = new Float32Array(kernel.memory.buffer, at, values.length)
  copy.set(values)
  return copy
}

/** Makes the picture the one that the kernel holds. */
function hold(picture: Raster): Level[] {
  if (held?.picture === picture) return held.levels
  const { data, width, height } = picture
  const base = { at: SLACK_BYTES, width, height }
  const levels = [base]
  held = { picture, levels }
  const rgbAt = endOf(levels)
  reserve(rgbAt + data.length)
  new Uint8Array(kernel.memory.buffer, rgbAt, data.length).set(data)
  kernel.spread(rgbAt, base.at, width * height)
  return levels
}

/** Halving number `wanted`, or the last that can be made. */
function levelOf(levels: Level[], wanted: number): { level: Level; factor: number } {
  while (levels.length <= wanted) {
    const last = levels[levels.length - 1]
    if (last.width < MIN_LEVEL_PX || last.height < MIN_LEVEL_PX) break
    const half = { at: endOf(levels), width: last.width >> 1, height: last.height >> 1 }
    reserve(half.at + half.width * half.height * RGBX_BYTES)
    kernel.halve(last.at, last.width, last.height, half.at)
    levels.push(half)
  }
  const index = Math.min(wanted, levels.length - 1)
  return { level: levels[index], factor: 2 ** index }
}

/** The first free address behind the levels, a multiple of 16. */
function endOf(levels: readonly Level[]): number {
  const { at, width, height } = levels[levels.length - 1]
  return (at + width * height * RGBX_BYTES + SLACK_BYTES + 15) & ~15
}

function reserve(end: number): void {
  const missing = end + SLACK_BYTES - kernel.memory.buffer.byteLength
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE_BYTES))
}

/**
 * [Note: sampling]
 * A video is looked at up to a set number of times a second (`framesASecond`), and of what is looked at only what shows
 * something new is read for faces: reading costs a hundred times more than looking. A picture is shrunk to 32 x 18 cells of
 * luminance and compared with the last one that was read.
 *
 * - cut: the whole picture is another one than the one looked at before. It is read, and faces are not followed across it by
 *   their place;
 * - still: hardly any cell has changed. It is not read, unless the last reading is `STILL_READ_EVERY_S` old: so whatever is
 *   to be seen is seen at most half of that away from a frame that was read;
 * - moving: everything else. It is read.
 *
 * Comparing with the last one that was read, not with the one before, lets slow changes add up to a reading.
 */
export type FrameChange = 'cut' | 'moving' | 'still'

const CELLS_ACROSS = 32
const CELLS_DOWN = 18
/** Points in each cell that are averaged, across and down. */
const POINTS = 4
/** Mean difference of grey levels between two shots; within one, quick pans stay below. */
const CUT_FROM = 32
/** A single cell in which lips or eyes move changes by more than this; compression noise by less. */
const STILL_BELOW = 4
/** What does not move is read this often all the same. */
export const STILL_READ_EVERY_S = 2

/** Compares each picture with those before it; keeps two grids of 576 numbers. */
export class FrameWatch {
  #read: { grid: Float32Array; timeS: number } | undefined
  #looked: Float32Array | undefined

  /** @param pixels 8-bit RGB, rows from the top */
  look(pixels: Uint8Array, width: number, height: number, timeS: number): FrameChange {
    const grid = shrink(pixels, width, height)
    const before = this.#looked
    this.#looked = grid
    const change = this.#compare(grid, before, timeS)
    if (change !== 'still') this.#read = { grid, timeS }
    return change
  }

  #compare(grid: Float32Array, before: Float32Array | undefined, timeS: number): FrameChange {
    if (this.#read === undefined || before === undefined) return 'moving'
    if (meanDifference(grid, before) >= CUT_FROM) return 'cut'
    if (timeS - this.#read.timeS >= STILL_READ_EVERY_S) return 'moving'
    return largestDifference(grid, this.#read.grid) < STILL_BELOW ? 'still' : 'moving'
  }
}

function shrink(pixels: Uint8Array, width: number, height: number): Float32Array {
  const grid = new Float32Array(CELLS_ACROSS * CELLS_DOWN)
  for (let row = 0; row < CELLS_DOWN * POINTS; row++) {
    const y = Math.floor(((row + 0.5) * height) / (CELLS_DOWN * POINTS))
    for (let column = 0; column < CELLS_ACROSS * POINTS; column++) {
      const x = Math.floor(((column + 0.5) * width) / (CELLS_ACROSS * POINTS))
      const at = (y * width + x) * 3
      // BT.601 luma in integers is near enough for comparing.
      const luma = (77 * pixels[at] + 150 * pixels[at + 1] + 29 * pixels[at + 2]) / 256
      grid[Math.floor(row / POINTS) * CELLS_ACROSS + Math.floor(column / POINTS)] += luma / (POINTS * POINTS)
    }
  }
  return grid
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / a.length
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0)
}

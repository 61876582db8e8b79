import type { Patch } from '../raster.ts'

/** One half of the aligned face and its mirror image. */
export function doubleHalf({ data, width, height }: Patch, half: 'left' | 'right'): Patch {
  const doubled = data.slice()
  const [from, to] = half === 'left' ? [width / 2, width] : [0, width / 2]
  for (let row = 0; row < data.length; row += width) {
    for (let x = from; x < to; x++) doubled[row + x] = data[row + width - 1 - x]
  }
  return { data: doubled, width, height }
}

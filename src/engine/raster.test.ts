import { expect, test } from 'vitest'
import { apply, rectangleView, sample } from './raster.ts'
import { type Raster, type Similarity } from './raster-types.ts'

const FILL = 127

function madeUpPicture(width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0, seed = 1; i < data.length; i++) {
    seed = (seed * 48_271) % 2_147_483_647
    data[i] = seed & 255
  }
  return { data, width, height }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value))
}

/** What [Note: Coordinates] says, pixel by pixel and without halvings. */
function bilinear(
  { data, width, height }: Raster,
  view: Similarity,
  x: number,
  y: number,
  c: number,
): number {
  const at = apply(view, x + 0.5, y + 0.5)
  if (at.x < 0 || at.y < 0 || at.x > width || at.y > height) return FILL
  const left = clamp(at.x - 0.5, width - 1)
  const top = clamp(at.y - 0.5, height - 1)
  const pixel = (column: number, row: number): number =>
    data[(Math.min(row, height - 1) * width + Math.min(column, width - 1)) * 3 + c]
  const [x0, y0] = [Math.floor(left), Math.floor(top)]
  const [fx, fy] = [left - x0, top - y0]
  const upper = pixel(x0, y0) * (1 - fx) + pixel(x0 + 1, y0) * fx
  const lower = pixel(x0, y0 + 1) * (1 - fx) + pixel(x0 + 1, y0 + 1) * fx
  return upper * (1 - fy) + lower * fy
}

function mostDifferent(picture: Raster, view: Similarity, width: number, height: number): number {
  const { data } = sample(picture, view, width, height, FILL)
  let most = 0
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const expected = bilinear(picture, view, x, y, c)
        most = Math.max(most, Math.abs(data[(c * height + y) * width + x] - expected))
      }
  return most
}

test.each([
  ['as it is', 1, 0, 31, 17],
  ['larger', 0.3, 0, 31, 17],
  ['turned', 0.9, 37, 20, 9],
  ['turned by a right angle', 1, 90, 31, 17],
  ['upside down', 0.7, 180, 15, 8],
  ['past a corner', 1.3, -20, 1, 33],
  ['beside it', 1, 10, -90, -90],
])('a view of the picture %s is bilinear, edges and outside included', (_, scale, tilt, x, y) => {
  const picture = madeUpPicture(63, 35)
  const view = rectangleView({ x, y }, scale, tilt, 41, 29)
  expect(mostDifferent(picture, view, 41, 29)).toBeLessThan(0.05)
})

test('a view at half size averages two by two pixels, also when sides are odd', () => {
  const picture = madeUpPicture(45, 39)
  const view = { a: 2, b: 0, tx: 0, ty: 0 }
  const { data } = sample(picture, view, 22, 19, FILL)
  const pixel = (x: number, y: number, c: number): number => picture.data[(y * picture.width + x) * 3 + c]
  for (const [x, y, c] of [
    [0, 0, 0],
    [7, 11, 1],
    [21, 18, 2],
  ]) {
    const sum =
      pixel(2 * x, 2 * y, c) +
      pixel(2 * x + 1, 2 * y, c) +
      pixel(2 * x, 2 * y + 1, c) +
      pixel(2 * x + 1, 2 * y + 1, c)
    expect(data[(c * 19 + y) * 22 + x]).toBe((sum + 2) >> 2)
  }
})

test('views of two pictures in turns never mix them', () => {
  const [first, second] = [madeUpPicture(400, 300), madeUpPicture(64, 64)]
  second.data.reverse()
  const view = rectangleView({ x: 32, y: 32 }, 2, 5, 24, 24)
  const apart = [first, second].map((picture) => sample(picture, view, 24, 24, FILL).data)
  const again = [first, second].map((picture) => sample(picture, view, 24, 24, FILL).data)
  expect(again).toEqual(apart)
  expect(apart[0]).not.toEqual(apart[1])
})

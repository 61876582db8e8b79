import sharp from 'sharp'
import { openPhoto } from '../engine/decode/open-photo.ts'
import { readFileBytes } from '../engine/decode/read-file-bytes.ts'
import type { Raster } from '../engine/raster-types.ts'
import { AppError } from '../errors.ts'
import type { Face, Point } from '../engine/types.ts'

type Colour = readonly [number, number, number]

const BOX_COLOUR: Colour = [255, 176, 0]
const LANDMARK_COLOUR: Colour = [0, 229, 255]
const NUMBER_COLOUR: Colour = [20, 20, 20]
/** Digits 0 to 9, five rows of three dots, each row a number of three bits. */
const DIGITS = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 1, 1, 1],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
] as const

/**
 * Writes a copy of the photo, upright and as PNG, with each face's box, number and landmarks drawn on it.
 * Drawn dot by dot: the process that decodes strangers' files has SVG switched off.
 */
export async function drawFaces(photo: string, faces: readonly Face[], target: string): Promise<void> {
  const bytes = await readFileBytes(photo)
  const opening = bytes.outcome === 'bytes' ? await openPhoto(bytes.bytes, 'fast') : bytes
  if (opening.outcome === 'unreadable') throw new AppError('unreadable_input', `${photo}: ${opening.detail}`)
  const { widthPx, heightPx } = opening.photo.facts
  const { raster } = await opening.photo.cut({ x: 0, y: 0, width: widthPx, height: heightPx })
  const canvas = new Canvas(raster)
  for (const face of faces) drawFace(canvas, face)
  await sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } })
    .png()
    .toFile(target)
}

/** Line width, in hundredths of a face's height. */
const LINE_SHARE = 0.015
const DOT_SHARE = 0.012
const DIGIT_SHARE = 0.03

function drawFace(canvas: Canvas, { boxPx, landmarksPx, fivePointsPx, number }: Face): void {
  const { x, y, width, height } = boxPx
  const line = Math.max(1, Math.round(height * LINE_SHARE))
  canvas.fill(x, y, width, line, BOX_COLOUR)
  canvas.fill(x, y + height - line, width, line, BOX_COLOUR)
  canvas.fill(x, y, line, height, BOX_COLOUR)
  canvas.fill(x + width - line, y, line, height, BOX_COLOUR)
  const dot = Math.max(1, Math.round(height * DOT_SHARE))
  const points: readonly Point[] = landmarksPx ?? fivePointsPx
  for (const point of points) canvas.fill(point.x - dot / 2, point.y - dot / 2, dot, dot, LANDMARK_COLOUR)
  const pixel = Math.max(2, Math.round(height * DIGIT_SHARE))
  const digits = Array.from(number.toString(), Number)
  const label = { width: (digits.length * 4 + 1) * pixel, height: 7 * pixel }
  // Above the box, or inside it where the picture ends.
  const top = y >= label.height ? y - label.height : y
  canvas.fill(x, top, label.width, label.height, BOX_COLOUR)
  for (const [i, digit] of digits.entries()) {
    for (const [row, bits] of DIGITS[digit].entries()) {
      for (let column = 0; column < 3; column++) {
        if ((bits & (4 >> column)) === 0) continue
        canvas.fill(x + (i * 4 + 1 + column) * pixel, top + (row + 1) * pixel, pixel, pixel, NUMBER_COLOUR)
      }
    }
  }
}

class Canvas {
  readonly #raster: Raster

  constructor(raster: Raster) {
    this.#raster = raster
  }

  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    const fromX = Math.max(0, Math.round(left))
    const raster = this.#raster
    const toX = Math.min(raster.width, Math.round(left + width))
    const fromY = Math.max(0, Math.round(top))
    const toY = Math.min(raster.height, Math.round(top + height))
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX; x < toX; x++) {
        const at = (y * raster.width + x) * 3
        for (let c = 0; c < 3; c++) raster.data[at + c] = colour[c]
      }
    }
  }
}

import { hash } from 'node:crypto'
import type { Sharp } from 'sharp'
import { openPhoto } from '../engine/decode/open-photo.ts'
import { perceptualHash } from '../engine/decode/perceptual-hash.ts'
import type { Raster } from '../engine/raster-types.ts'
import type { Box } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { applySteps, imageOf } from './apply-steps.ts'
import type { PictureResult, PictureTask } from './picture-task.ts'

const JPEG_QUALITY = 88
/** Share of the long side: nobody is recognised, and that it is a face is seen. */
const BLUR_SHARE = 0.04
/** Long side of a picture while it is blurred. */
const BLURRED_AT_PX = 512
/** Of a hidden face's size: how far beyond its box it is blurred, and how much. */
const HIDDEN_MARGIN_SHARE = 0.15
const HIDDEN_BLUR_SHARE = 0.15
/** What stands where a square reaches past the picture. */
const EMPTY = '#808080'

/** Makes one picture; runs in a worker thread. */
export async function makePicture(task: PictureTask): Promise<PictureResult> {
  const opening = await openPhoto(task.photo, 'fast')
  if (opening.outcome === 'unreadable') return { outcome: 'unreadable', detail: opening.detail }
  const { photo } = opening
  const whole = { x: 0, y: 0, width: photo.facts.widthPx, height: photo.facts.heightPx }
  try {
    const isPlain = task.want === 'shown' && task.square !== true && task.hidden === undefined
    if (isPlain && task.steps.length === 0 && task.part !== undefined) {
      // Only the part: a face of a large photo costs no more than the face.
      const { raster } = await photo.cut(task.part)
      return await forPeople(raster, { ...task, part: undefined })
    }
    const { working } = photo
    // Parts and hidden faces are places in the whole photo.
    const isEnough =
      isPlain && task.part === undefined && task.longSidePx <= Math.max(working.width, working.height)
    const needsWhole = task.steps.length > 0 || (photo.scale > 1 && !isEnough)
    const original = needsWhole ? (await photo.cut(whole)).raster : working
    const picture = await applySteps(original, task.steps)
    return task.want === 'derived' ? await asPng(picture) : await forPeople(picture, task)
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad_input') {
      return { outcome: 'unreadable', detail: error.message }
    }
    throw error
  }
}

async function asPng(picture: Raster): Promise<PictureResult> {
  const bytes = await imageOf(picture).png({ compressionLevel: 1 }).toBuffer()
  return made(picture, bytes)
}

async function forPeople(
  whole: Raster,
  { longSidePx, part, blurred, square, hidden }: Extract<PictureTask, { want: 'shown' }>,
): Promise<PictureResult> {
  const picture = hidden === undefined ? whole : await hideBoxes(whole, hidden)
  if (square === true && part !== undefined) return squareOf(picture, part, longSidePx, blurred)
  const image = imageOf(picture)
  if (part !== undefined) {
    const left = clamp(Math.round(part.x), picture.width - 1)
    const top = clamp(Math.round(part.y), picture.height - 1)
    const width = clamp(Math.round(part.x + part.width) - left, picture.width - left)
    const height = clamp(Math.round(part.y + part.height) - top, picture.height - top)
    image.extract({ left, top, width: Math.max(1, width), height: Math.max(1, height) })
  }
  image.resize(longSidePx, longSidePx, { fit: 'inside', withoutEnlargement: true })
  const shown = blurred ? await blurWhole(image) : image
  return made(picture, await shown.jpeg({ quality: JPEG_QUALITY }).toBuffer())
}

/** Blurred small and enlarged again: nothing fine is left, and a blur so wide takes minutes at the size of a photo. */
async function blurWhole(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const longSidePx = Math.max(info.width, info.height)
  const whole = imageOf({ data, width: info.width, height: info.height })
  const smallPx = Math.min(longSidePx, BLURRED_AT_PX)
  const small = await whole
    .resize(smallPx, smallPx, { fit: 'inside' })
    .blur(smallPx * BLUR_SHARE)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return imageOf({ data: small.data, width: small.info.width, height: small.info.height }).resize(
    info.width,
    info.height,
    { fit: 'fill' },
  )
}

/** The square around a part, at one size for all: nothing about it tells how large the photo was. */
async function squareOf(
  picture: Raster,
  { x, y, width, height }: Box,
  sidePx: number,
  blurred: boolean,
): Promise<PictureResult> {
  const side = Math.max(1, Math.round(Math.max(width, height)))
  const [left, top] = [Math.round(x + (width - side) / 2), Math.round(y + (height - side) / 2)]
  const inside = {
    left: clamp(left, picture.width - 1),
    top: clamp(top, picture.height - 1),
    right: clamp(left + side, picture.width),
    bottom: clamp(top + side, picture.height),
  }
  const cut = await imageOf(picture)
    .extract({
      left: inside.left,
      top: inside.top,
      width: Math.max(1, inside.right - inside.left),
      height: Math.max(1, inside.bottom - inside.top),
    })
    .extend({
      left: inside.left - left,
      top: inside.top - top,
      right: Math.max(0, left + side - Math.max(inside.right, inside.left + 1)),
      bottom: Math.max(0, top + side - Math.max(inside.bottom, inside.top + 1)),
      background: EMPTY,
    })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const image = imageOf({ data: cut.data, width: cut.info.width, height: cut.info.height }).resize(
    sidePx,
    sidePx,
    {
      fit: 'fill',
    },
  )
  if (blurred) image.blur(sidePx * BLUR_SHARE)
  return {
    ...made(picture, await image.jpeg({ quality: JPEG_QUALITY }).toBuffer()),
    perceptualHash: perceptualHash({ data: cut.data, width: cut.info.width, height: cut.info.height }),
  }
}

/** Blurs boxes of a picture, each in proportion to its size, with a margin so that hair and outline go too. */
async function hideBoxes(picture: Raster, boxes: readonly Box[]): Promise<Raster> {
  const patches = await Promise.all(
    boxes.map(async ({ x, y, width, height }) => {
      const margin = Math.max(width, height) * HIDDEN_MARGIN_SHARE
      const left = clamp(Math.round(x - margin), picture.width - 1)
      const top = clamp(Math.round(y - margin), picture.height - 1)
      const size = {
        width: Math.max(1, clamp(Math.round(x + width + margin), picture.width) - left),
        height: Math.max(1, clamp(Math.round(y + height + margin), picture.height) - top),
      }
      const input = await imageOf(picture)
        .extract({ left, top, ...size })
        .blur(Math.max(2, Math.max(size.width, size.height) * HIDDEN_BLUR_SHARE))
        .raw()
        .toBuffer()
      return { input, raw: { ...size, channels: 3 as const }, left, top }
    }),
  )
  const data = await imageOf(picture).composite(patches).removeAlpha().raw().toBuffer()
  return { data, width: picture.width, height: picture.height }
}

function made(picture: Raster, bytes: Buffer): Extract<PictureResult, { outcome: 'made' }> {
  const { width: widthPx, height: heightPx, data } = picture
  return { outcome: 'made', bytes, widthPx, heightPx, pixelsSha256: hash('sha256', data) }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(0, value), most)
}

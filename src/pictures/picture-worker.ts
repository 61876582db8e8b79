import { hash } from 'node:crypto'
import { openPhoto } from '../engine/decode/open-photo.ts'
import type { Raster } from '../engine/raster.ts'
import { AppError } from '../errors.ts'
import { applySteps, imageOf } from './apply-steps.ts'
import type { PictureResult, PictureTask } from './picture-task.ts'

const JPEG_QUALITY = 88
/** Share of the long side: nobody is recognised, and that it is a face is seen. */
const BLUR_SHARE = 0.04

/** Makes one picture; runs in a worker thread. */
export async function makePicture(task: PictureTask): Promise<PictureResult> {
  const opening = await openPhoto(task.photo, 'fast')
  if (opening.outcome === 'unreadable') return { outcome: 'unreadable', detail: opening.detail }
  const { photo } = opening
  const whole = { x: 0, y: 0, width: photo.facts.widthPx, height: photo.facts.heightPx }
  try {
    if (task.want === 'shown' && task.steps.length === 0 && task.part !== undefined) {
      // Only the part: a face of a large photo costs no more than the face.
      const { raster } = await photo.cut(task.part)
      return await forPeople(raster, { ...task, part: undefined })
    }
    const { working } = photo
    const isEnough = task.want === 'shown' && task.longSidePx <= Math.max(working.width, working.height)
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
  picture: Raster,
  { longSidePx, part, blurred }: Extract<PictureTask, { want: 'shown' }>,
): Promise<PictureResult> {
  const image = imageOf(picture)
  if (part !== undefined) {
    const left = clamp(Math.round(part.x), picture.width - 1)
    const top = clamp(Math.round(part.y), picture.height - 1)
    const width = clamp(Math.round(part.x + part.width) - left, picture.width - left)
    const height = clamp(Math.round(part.y + part.height) - top, picture.height - top)
    image.extract({ left, top, width: Math.max(1, width), height: Math.max(1, height) })
  }
  image.resize(longSidePx, longSidePx, { fit: 'inside', withoutEnlargement: true })
  if (blurred) image.blur(longSidePx * BLUR_SHARE)
  return made(picture, await image.jpeg({ quality: JPEG_QUALITY }).toBuffer())
}

function made(picture: Raster, bytes: Buffer): PictureResult {
  const { width: widthPx, height: heightPx, data } = picture
  return { outcome: 'made', bytes, widthPx, heightPx, pixelsSha256: hash('sha256', data) }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(0, value), most)
}

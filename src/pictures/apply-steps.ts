import sharp, { type Sharp } from 'sharp'
import type { DerivationStep } from '../contract/derivation.ts'
import type { Raster } from '../engine/raster-types.ts'
import { AppError } from '../errors.ts'

/** What turning leaves empty. */
const EMPTY = '#808080'
/** Contrast turns about the middle grey. */
const MIDDLE = 128

/**
 * The picture after the steps, one after another: each sees the whole pixels of the one before, so that the same steps
 * always give the same pixels.
 * @throws AppError `bad_input` for a crop that leaves the picture
 */
export async function applySteps(original: Raster, steps: readonly DerivationStep[]): Promise<Raster> {
  let picture = original
  for (const step of steps) picture = await applyStep(picture, step)
  return picture
}

async function applyStep(picture: Raster, step: DerivationStep): Promise<Raster> {
  switch (step.kind) {
    case 'rotate':
      return pixelsOf(imageOf(picture).rotate(step.degrees, { background: EMPTY }))
    case 'crop': {
      const { x: left, y: top, width, height } = step
      if (left + width > picture.width || top + height > picture.height) {
        throw new AppError(
          'bad_input',
          `The crop reaches past the picture, which is ${picture.width} x ${picture.height} pixels at that step.`,
        )
      }
      return pixelsOf(imageOf(picture).extract({ left, top, width, height }))
    }
    case 'exposure':
      return pixelsOf(imageOf(picture).linear(2 ** step.stops, 0))
    case 'contrast':
      return pixelsOf(imageOf(picture).linear(step.factor, MIDDLE * (1 - step.factor)))
    case 'sharpen':
      return pixelsOf(imageOf(picture).sharpen({ sigma: step.sigma }))
  }
  throw new AppError('internal', 'Unknown step.')
}

/** A picture in memory as sharp takes it. */
export function imageOf({ data, width, height }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function pixelsOf(image: Sharp): Promise<Raster> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

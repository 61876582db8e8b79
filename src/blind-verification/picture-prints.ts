import type { DerivationStep } from '../contract/derivation.ts'
import { aroundFace } from '../pictures/around-face.ts'
import type { ProbeReading } from '../search/read-probe.ts'
import type { WorkContext } from '../media/work-context.ts'

/** Side of the frame that a face's print is made from; perceptual hashes look at 32 x 32 pixels of it. */
const FRAME_PX = 128
/** Faces of one picture that are looked at; a screenshot of a line-up has seven. */
const MAX_FACES = 16

/**
 * Perceptual hashes of a picture and of each face in it, in the frame in which line-ups show faces: so that one is known again
 * when it was cut, scaled, saved again, or stands in a screenshot with others.
 */
export async function picturePrints(
  ctx: WorkContext,
  original: Uint8Array,
  steps: readonly DerivationStep[],
  { photo, faces }: Pick<ProbeReading, 'photo' | 'faces'>,
  signal: AbortSignal,
): Promise<string[]> {
  const prints = [photo.perceptualHash]
  for (const { boxPx } of faces.slice(0, MAX_FACES)) {
    const { perceptualHash } = await ctx.pictures.make(
      {
        want: 'shown',
        photo: original,
        steps,
        longSidePx: FRAME_PX,
        part: aroundFace(boxPx),
        blurred: false,
        square: true,
      },
      signal,
    )
    if (perceptualHash !== undefined) prints.push(perceptualHash)
  }
  return prints
}

import { z } from 'zod'

/** Steps one probe may have. */
export const MAX_STEPS = 40

const px = z.number().min(-1e6).max(1e6)
const point = z.object({ x: px, y: px })

/**
 * One step of making a probe clearer. Steps are replayed in order from the untouched original, in pixels of the picture
 * as the step before left it.
 */
export const derivationStep = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rotate'), degrees: z.number().min(-180).max(180) }).describe('Clockwise'),
  z.object({
    kind: z.literal('crop'),
    x: z.int().min(0),
    y: z.int().min(0),
    width: z.int().min(16),
    height: z.int().min(16),
  }),
  z.object({ kind: z.literal('exposure'), stops: z.number().min(-4).max(4) }),
  z.object({ kind: z.literal('contrast'), factor: z.number().min(0.2).max(5) }),
  z.object({ kind: z.literal('sharpen'), sigma: z.number().min(0.3).max(5) }),
])

export type DerivationStep = z.infer<typeof derivationStep>

/** Right eye, left eye, nose tip, right and left mouth corner (the subject's), marked by hand. */
export const fivePoints = z.tuple([point, point, point, point, point])

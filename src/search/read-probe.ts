import type { DerivationStep } from '../contract/derivation.ts'
import type { Engine, Face, FivePoints, PhotoFacts, PhotoReading } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import type { WorkContext } from '../media/work-context.ts'

/** A probe's picture as the engine reads it. */
export interface ProbeReading {
  engine: Pick<Engine, 'packId' | 'pipelineVersion'>
  photo: PhotoFacts
  faces: Face[]
  /** Undefined without steps. */
  pixelsSha256: string | undefined
}

/**
 * Replays the steps on the original and reads the result; both in worker threads, as many at once as there are cores.
 * @param points five points that somebody marked, in pixels of the picture after the steps
 * @throws AppError `unreadable_input`, `busy`; the signal's reason when it fires
 */
export async function readProbe(
  ctx: WorkContext,
  input: { original: Uint8Array; steps: readonly DerivationStep[]; points: FivePoints | undefined },
  signal: AbortSignal,
): Promise<ProbeReading> {
  const engine = await ctx.engine()
  return ctx.readings.run(async () => {
    const derived =
      input.steps.length === 0
        ? undefined
        : await ctx.pictures.make({ want: 'derived', photo: input.original, steps: input.steps }, signal)
    const picture = derived?.bytes ?? input.original
    const reading =
      input.points === undefined
        ? await engine.readPhoto(picture, { signal })
        : await engine.readMarkedFace(picture, input.points)
    const { photo, faces } = readable(reading)
    return { engine, photo, faces, pixelsSha256: derived?.pixelsSha256 }
  }, signal)
}

function readable(reading: PhotoReading): Extract<PhotoReading, { outcome: 'read' }> {
  if (reading.outcome === 'read') return reading
  throw new AppError('unreadable_input', `This photo cannot be read: ${reading.detail}. Nothing was kept.`)
}

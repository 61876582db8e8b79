import type { Box, Engine } from '../engine/types.ts'
import type { FrameChange } from './frame-change.ts'
import { frameFile } from './frame-picture.ts'
import type { Sighting } from './kept-face.ts'
import type { Frame } from './read-frames.ts'
import type { EmbeddingTracePoint } from './embedding-trace.ts'

/** Readings further apart than this have nothing between them that could be placed. */
const BETWEEN_WITHIN_S = 1.5
/** Frames whose faces are being followed; more wait. */
const UNDER_WAY = 2
/** Faces followed in one frame. */
const MAX_FOLLOWED = 20

/** Collects the traces of tracks, see [Note: traces]: of frames that were read, and of one between each two. */
export class FaceFollower {
  readonly #engine: Engine
  readonly #size: { widthPx: number; heightPx: number }
  readonly #signal: AbortSignal | undefined
  #before: { timeS: number; faces: Map<number, Sighting> } | undefined
  #between: Frame | undefined
  #points: EmbeddingTracePoint[] = []
  #running: Promise<void>[] = []

  constructor(engine: Engine, size: { widthPx: number; heightPx: number }, signal: AbortSignal | undefined) {
    this.#engine = engine
    this.#size = size
    this.#signal = signal
  }

  /** Keeps the frame that lies between the last one that was read and the next. */
  hold(frame: Frame): void {
    this.#between ??= frame
  }

  /** Takes the faces of a frame that was read, and follows them back to the frame before it. */
  see(timeS: number, change: FrameChange, faces: Map<number, Sighting>): void {
    for (const [track, { face }] of faces) this.#points.push({ track, timeS, template: face.template })
    const [before, between] = [this.#before, this.#between]
    this.#before = { timeS, faces }
    this.#between = undefined
    if (before === undefined || between === undefined || change === 'cut') return
    if (timeS - before.timeS > BETWEEN_WITHIN_S || between.timeS <= before.timeS) return
    const share = (between.timeS - before.timeS) / (timeS - before.timeS)
    const near = [...faces]
      .flatMap(([track, after]) => {
        const earlier = before.faces.get(track)
        return earlier === undefined ? [] : [{ track, ...placeBetween(earlier, after, share) }]
      })
      .slice(0, MAX_FOLLOWED)
    if (near.length === 0) return
    const running = this.#follow(between, near)
    // Its failure is met where it is awaited; until then it must not count as unhandled.
    running.catch(() => undefined)
    this.#running.push(running)
  }

  /** What was collected since the last call. @throws what the engine throws */
  async take(): Promise<EmbeddingTracePoint[]> {
    await Promise.all(this.#running)
    this.#running = []
    const points = this.#points
    this.#points = []
    return points
  }

  /** Forgets where faces were: what comes next does not follow. */
  forget(): void {
    this.#before = undefined
    this.#between = undefined
  }

  async #follow(
    { pixels, timeS }: Frame,
    near: readonly { track: number; boxPx: Box; tiltDegrees: number }[],
  ): Promise<void> {
    if (this.#running.length >= UNDER_WAY) await this.#running[this.#running.length - UNDER_WAY]
    const file = frameFile(pixels, this.#size.widthPx, this.#size.heightPx)
    const places = near.map(({ boxPx, tiltDegrees }) => ({ boxPx, tiltDegrees }))
    const { templates } = await this.#engine.followFaces(file, places, this.#signal)
    templates.forEach((template, at) => {
      if (template !== undefined) this.#points.push({ track: near[at].track, timeS, template })
    })
  }
}

function placeBetween(from: Sighting, to: Sighting, share: number): { boxPx: Box; tiltDegrees: number } {
  const between = (a: number, b: number): number => a + (b - a) * share
  const [a, b] = [from.face.boxPx, to.face.boxPx]
  return {
    boxPx: {
      x: between(a.x, b.x),
      y: between(a.y, b.y),
      width: between(a.width, b.width),
      height: between(a.height, b.height),
    },
    tiltDegrees: between(from.face.tiltDegrees, to.face.tiltDegrees),
  }
}

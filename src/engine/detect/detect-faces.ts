import type { LoadedPack } from '../pack/loaded-pack.ts'
import { apply } from '../raster.ts'
import { type Raster } from '../raster-types.ts'
import type { FivePoints } from '../types.ts'
import type { Detection, RawDetection } from './detection.ts'
import type { Pass } from './passes.ts'
import { suppress } from './suppress.ts'

/** Grey that lies around the picture in a pass; the middle of the detector's input range. */
const FILL = 127
/** Faces smaller than this in the detector's input are noise. */
const MIN_FACE_INPUT_PX = 8

/**
 * Runs the detector over the passes, one after the other.
 * @param already detections of passes before these
 * @returns one detection a face, best first, in working pixels
 */
export async function detectFaces(
  pack: LoadedPack,
  picture: Raster,
  passes: readonly Pass[],
  already: readonly Detection[] = [],
): Promise<Detection[]> {
  const found = [...already]
  for (const pass of passes) {
    if (pass.forLargeFaces === true && sawOnlySmaller(found, picture)) continue
    found.push(...(await runPass(pack, picture, pass)))
  }
  return suppress(found)
}

/** A detection this sure is a face, whatever else the picture shows. */
const SURE_SCORE = 0.95
/** A face, or a part of it, that is taller than this share of the picture's shorter side may belong to a larger one. */
const LARGE_SHARE = 0.35

function sawOnlySmaller(found: readonly Detection[], { width, height }: Raster): boolean {
  return (
    found.some(({ score }) => score >= SURE_SCORE) &&
    found.every(({ box }) => box.height < LARGE_SHARE * Math.min(width, height))
  )
}

/** One pass of the detector; overlapping detections are not yet removed. */
export async function runPass(
  { detector }: LoadedPack,
  picture: Raster,
  { view, tiltDegrees, maxFaceShare, minScore }: Pass,
): Promise<Detection[]> {
  const { heightPx } = detector.model.input
  const outputs = await detector.model.look(picture, view, FILL)
  return detector
    .decode(outputs, detector.model.input, Math.max(minScore, detector.minScore))
    .filter(
      ({ x1, y1, x2, y2 }) =>
        x2 - x1 >= MIN_FACE_INPUT_PX && Math.max(x2 - x1, y2 - y1) <= maxFaceShare * heightPx,
    )
    .map((raw) => toWorking(raw, { view, tiltDegrees }))
}

function toWorking(raw: RawDetection, { view, tiltDegrees }: Pick<Pass, 'view' | 'tiltDegrees'>): Detection {
  const scale = Math.hypot(view.a, view.b)
  const centre = apply(view, (raw.x1 + raw.x2) / 2, (raw.y1 + raw.y2) / 2)
  const width = (raw.x2 - raw.x1) * scale
  const height = (raw.y2 - raw.y1) * scale
  const box = { x: centre.x - width / 2, y: centre.y - height / 2, width, height }
  const detection: Detection = { box, score: raw.score, tiltDegrees }
  if (raw.points !== undefined)
    detection.points = raw.points.map(({ x, y }) => apply(view, x, y)) as FivePoints
  return detection
}

import { meanPoint } from '../align/align-face.ts'
import type { Detection } from '../detect/detection.ts'
import { unit } from '../embed/unit.ts'
import { eyeDistance } from '../landmark/converge-landmarks.ts'
import type { Point } from '../types.ts'
import { faceBox } from './face-box.ts'
import type { FacePoints, FaceReading } from './face-reading.ts'

/**
 * [Note: Several starts] Detectors' boxes sit beside a face that is partly covered: measured on 60 photos, 0.14 of the
 * box's height to the side with one side covered, 0.15 too low and 0.7 times too small with the eyes covered, 0.1 too
 * high and 0.85 times too small with the lower half covered. The landmarks bear errors of a tenth, not of more, so an
 * unsure face is read from boxes moved by such amounts. No single number tells the best reading; the mean of their
 * templates, weighted by how firmly the landmarks stood, finds more mates than any of them: of 100 faces with covered
 * eyes 97 instead of 90, with a covered lower half 91 instead of 90, with a covered side 90 instead of 86.
 */
const STARTS = [
  { dx: 0.16, dy: 0, scale: 1 },
  { dx: -0.16, dy: 0, scale: 1 },
  { dx: 0, dy: 0.1, scale: 1.2 },
  { dx: 0, dy: -0.1, scale: 1.15 },
  { dx: 0, dy: -0.25, scale: 1.5 },
  { dx: 0, dy: 0, scale: 0.85 },
  { dx: 0.25, dy: 0, scale: 1.2 },
  { dx: -0.25, dy: 0, scale: 1.2 },
  { dx: 0, dy: 0.15, scale: 1 },
] as const

/** Landmark instability at which a reading's weight has fallen to 1/e. */
const INSTABILITY_SCALE = 0.08
/** Readings whose eyes lie further than this from the firmest one's, in eye distances, are of another face. */
const SAME_EYES_DISTANCE = 0.6

/** Readings whose points lie nearer than this, in eye distances, are one reading and are embedded once. */
const SAME_READING_DISTANCE = 0.04
/** Readings of less than this share of the best one's weight are not embedded. */
const MIN_WEIGHT_SHARE = 0.05
const MAX_EMBEDDED = 5

/** How points and templates are read from a box. */
export interface Readers {
  readPoints(placed: Detection): Promise<FacePoints>
  readFace(placed: Detection, points: FacePoints): Promise<FaceReading>
}

/**
 * Reads an unsure face from several starts and merges what they say of one face: points from every start, templates
 * of the distinct readings that count.
 * @param placed the box that the detector saw, in the face's orientation
 * @param first the reading from that box
 * @returns the firmest reading, with the weighted means of all readings' templates and scores
 */
export async function readFirmly(
  placed: Detection,
  first: FaceReading,
  readers: Readers,
): Promise<FaceReading> {
  const starts: { placed: Detection; points: FacePoints; weight: number; times: number }[] = []
  for (const start of [undefined, ...STARTS]) {
    const from = start === undefined ? placed : { ...placed, box: move(placed, start) }
    const points = start === undefined ? first : await readers.readPoints(from)
    const same = starts.find((other) => pointsApart(other.points, points) < SAME_READING_DISTANCE)
    if (same === undefined)
      starts.push({ placed: from, points, weight: weightOf(points, placed.box.height), times: 1 })
    else same.times++
  }
  starts.sort((a, b) => b.weight - a.weight)
  const [firmest] = starts
  const counting = starts.filter(
    ({ weight, points }) =>
      weight >= MIN_WEIGHT_SHARE * firmest.weight && eyesApart(firmest.points, points) < SAME_EYES_DISTANCE,
  )
  const readings: { reading: FaceReading; weight: number }[] = []
  for (const start of counting.slice(0, MAX_EMBEDDED)) {
    const reading = start.points === first ? first : await readers.readFace(start.placed, start.points)
    readings.push({ reading, weight: start.weight * start.times })
  }
  const total = readings.reduce((sum, { weight }) => sum + weight, 0)
  const verificationScore =
    readings.reduce((sum, { reading, weight }) => sum + reading.verificationScore * weight, 0) / total
  const { reading } = readings[0]
  const views = readings.flatMap((merged) =>
    merged.reading.views.map((view) => ({ ...view, weight: (view.weight * merged.weight) / total })),
  )
  return {
    ...reading,
    verificationScore,
    views,
    embedding: { ...reading.embedding, template: mergeTemplates(readings) },
  }
}

/** The box moved and scaled about its centre, in the face's own directions. */
function move({ box, tiltDegrees }: Detection, { dx, dy, scale }: (typeof STARTS)[number]): Detection['box'] {
  const radians = (tiltDegrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const shiftX = (dx * cos - dy * sin) * box.height
  const shiftY = (dx * sin + dy * cos) * box.height
  const width = box.width * scale
  const height = box.height * scale
  return {
    x: box.x + (box.width - width) / 2 + shiftX,
    y: box.y + (box.height - height) / 2 + shiftY,
    width,
    height,
  }
}

function eyesApart(a: FacePoints, b: FacePoints): number {
  const [first, second]: Point[] = [a, b].map(({ fivePoints }) => meanPoint(fivePoints.slice(0, 2)))
  return Math.hypot(first.x - second.x, first.y - second.y) / eyeDistance(a.fivePoints)
}

/** Mean distance of the five points, in eye distances. */
function pointsApart(a: FacePoints, b: FacePoints): number {
  const sum = a.fivePoints.reduce(
    (total, { x, y }, i) => total + Math.hypot(x - b.fivePoints[i].x, y - b.fivePoints[i].y),
    0,
  )
  return sum / a.fivePoints.length / eyeDistance(a.fivePoints)
}

/** Height of a converged face's box over that of the detector's: median of 60 photos, and the spread of its logarithm. */
const USUAL_SIZE = 0.87
const SIZE_SPREAD = 0.4

/** How much a reading counts: firm landmarks, and a face about as large as the detector saw it. */
function weightOf({ landmarkInstability, fivePoints }: FacePoints, detectedHeight: number): number {
  const size = Math.log(faceBox(fivePoints).height / (USUAL_SIZE * detectedHeight)) / SIZE_SPREAD
  return Math.exp(-landmarkInstability / INSTABILITY_SCALE - size * size)
}

function mergeTemplates(readings: readonly { reading: FaceReading; weight: number }[]): Float32Array {
  const sum = new Float32Array(readings[0].reading.embedding.template.length)
  for (const { reading, weight } of readings) {
    for (let i = 0; i < sum.length; i++) sum[i] += weight * reading.embedding.template[i]
  }
  return unit(sum)
}

import { type FacePoints, type FaceReading, onlyView } from './face-reading.ts'
import { alignFace } from '../align/align-face.ts'
import type { Detection } from '../detect/detection.ts'
import { runPass } from '../detect/detect-faces.ts'
import { embedFace } from '../embed/embed-face.ts'
import { normShare } from '../embed/norm-share.ts'
import { fivePointsOf, tiltOf } from '../landmark/landmarks.ts'
import { CONVERGED_INSTABILITY, convergeLandmarks } from '../landmark/converge-landmarks.ts'
import type { LoadedPack } from '../pack/loaded-pack.ts'
import { rectangleView } from '../raster.ts'
import { type Raster } from '../raster-types.ts'
import type { Box, Point } from '../types.ts'
import { completeHalf } from './complete-half.ts'
import { faceBox } from './face-box.ts'
import { readFirmly } from './read-firmly.ts'

/** A reading this sure needs no other orientation tried. */
const SURE_INSTABILITY = 0.16
const SURE_SHARE_OF_GOOD_NORM = 0.5
/** The same by the face alone, without its mirror image: at 0.5 a face turned by a right angle passed as upright. */
const SURE_WITHOUT_MIRROR = 0.8
/** A candidate that the detector was this sure of, and whose reading is sure, is not looked at again. */
const SURE_DETECTION_SCORE = 0.9
/** A candidate of usual shape this sure, on which landmarks stand still at once, is an upright face, if a weak one. */
const UPRIGHT_DETECTION_SCORE = 0.99
const UPRIGHT_SHARE_OF_GOOD_NORM = 0.3
/** From here on a head's tilt, not a cover, is what makes its box wide. */
const TILTED_DEGREES = 15
/** In another orientation landmarks this restless stand on no face, and are not embedded. */
const HOPELESS_INSTABILITY = 0.3
/** The same before a look has placed the box: of 150 turned faces that were read surely, one began more restless. */
const HOPELESS_TURNED_UNREST = 0.55
/** Candidates below this are refused as not a face. */
export const MIN_VERIFICATION_SCORE = 0.5
/**
 * Faces below this may be none, and are marked so. Of 440 photos whose face is not degraded none lies below
 * 0.97; see docs/decisions/face-verification.md.
 */
export const SURE_VERIFICATION_SCORE = 0.9
const QUARTER_TURNS_DEGREES = [180, 90, 270] as const
/**
 * Another orientation that is not sure must beat the one that the detector saw by this much: a covered face settles
 * upside down as well as upright.
 */
const TURN_PRIOR = 0.3
/**
 * Decides whether a candidate is a face, and which way up: reads it in the orientation in which it was found and,
 * unless that is sure, in the three others, and takes the best. An unsure one is then read from several starts.
 * @returns undefined when the detector, looking again, sees a face in no orientation
 */
export async function verifyFace(
  pack: LoadedPack,
  picture: Raster,
  candidate: Detection,
): Promise<FaceReading | undefined> {
  const seen = withFaceShape(candidate)
  const sight = { pack, picture, candidate, seen }
  const direct = candidate.score >= SURE_DETECTION_SCORE ? await readDirectly(sight) : undefined
  if (direct !== undefined && isSure(pack, direct)) return direct
  if (direct !== undefined && isUpright(pack, sight, direct)) return withHalf(pack, picture, direct)
  const best = await readTurned(sight, direct)
  if (best === undefined || pack.landmarks === undefined || isSure(pack, best.reading)) return best?.reading
  const firm = await readFirmly(best.placed, best.reading, {
    readPoints: async (placed) => readPoints(pack, picture, placed),
    readFace: async (placed, points) =>
      readFace({ ...pack, embedder: { ...pack.embedder, mirror: false } }, picture, placed, points),
  })
  return isSure(pack, firm) ? firm : withHalf(pack, picture, firm)
}

/** A covered half speaks against no face: what the visible one shows counts. */
async function withHalf(pack: LoadedPack, picture: Raster, reading: FaceReading): Promise<FaceReading> {
  const completed = await completeHalf(pack.embedder, picture, reading)
  return completed.coveredSide === undefined ? reading : rescore(pack, completed, completed.detectionScore)
}

/** One candidate and where it is looked at. */
interface Sight {
  pack: LoadedPack
  picture: Raster
  candidate: Detection
  /** The candidate with its box made as tall as faces are. */
  seen: Detection
}

/** Reads the candidate as the detector saw it. A tilted head's box is as wide as that of a covered one: both are tried. */
async function readDirectly({ pack, picture, candidate, seen }: Sight): Promise<FaceReading> {
  const asSeen = await readFace(pack, picture, candidate, await readPoints(pack, picture, candidate))
  if (seen === candidate || (isSure(pack, asSeen) && isTilted(asSeen, candidate))) return asSeen
  return readFace(pack, picture, seen, await readPoints(pack, picture, seen))
}

function isTilted(reading: FaceReading, candidate: Detection): boolean {
  const tilt = Math.abs(reading.tiltDegrees - candidate.tiltDegrees) % 360
  return Math.min(tilt, 360 - tilt) >= TILTED_DEGREES
}

/** Whether an unsure reading is of an upright face all the same, whose points need no other start. */
function isUpright(
  pack: LoadedPack,
  { candidate, seen }: Sight,
  { landmarkInstability, embedding }: FaceReading,
): boolean {
  return (
    candidate.score >= UPRIGHT_DETECTION_SCORE &&
    candidate === seen &&
    landmarkInstability <= CONVERGED_INSTABILITY &&
    normShare(embedding.norm, pack.embedder.norm) >= UPRIGHT_SHARE_OF_GOOD_NORM
  )
}

/** The surest of the readings in four orientations; the first that is sure ends the search. */
async function readTurned(
  { pack, picture, candidate, seen }: Sight,
  direct: FaceReading | undefined,
): Promise<{ placed: Detection; reading: FaceReading } | undefined> {
  let best: { placed: Detection; reading: FaceReading } | undefined
  for (const turn of [0, ...QUARTER_TURNS_DEGREES]) {
    const tiltDegrees = candidate.tiltDegrees + turn
    const looked = await lookAgain(pack, picture, { ...candidate, tiltDegrees }, turn === 0)
    if (looked === undefined) continue
    // A box seen upside down lies on the forehead or the chin; seen upright, on the face.
    const placed = turn === 0 ? { ...seen, score: looked.score } : withFaceShape(looked)
    const reading =
      turn === 0 && direct !== undefined
        ? rescore(pack, direct, looked.score)
        : await readUnlessHopeless(pack, picture, placed, turn !== 0)
    if (reading === undefined) continue
    if (isSure(pack, reading)) return { placed, reading }
    const prior = best?.placed.tiltDegrees === candidate.tiltDegrees ? TURN_PRIOR : 0
    if (best === undefined || reading.verificationScore > best.reading.verificationScore + prior)
      best = { placed, reading }
  }
  return best
}

/** Whether a reading leaves no doubt that it is of a face, upright and whole. */
export function isSure(pack: LoadedPack, { landmarkInstability, embedding }: FaceReading): boolean {
  return (
    landmarkInstability <= SURE_INSTABILITY &&
    normShare(embedding.norm, pack.embedder.norm) >= SURE_SHARE_OF_GOOD_NORM
  )
}

async function readFace(
  pack: LoadedPack,
  picture: Raster,
  placed: Detection,
  points: FacePoints,
): Promise<FaceReading> {
  const { fivePoints, landmarkInstability } = points
  const embedding = await embedFace(
    pack.embedder,
    alignFace(picture, fivePoints),
    (norm) =>
      landmarkInstability <= SURE_INSTABILITY && normShare(norm, pack.embedder.norm) >= SURE_WITHOUT_MIRROR,
  )
  const box = landmarkInstability <= SURE_INSTABILITY ? faceBox(fivePoints) : placed.box
  const reading = { ...points, box, tiltDegrees: tiltOf(fivePoints), embedding, detectionScore: placed.score }
  const verificationScore = scoreReading(pack, reading)
  return { ...reading, views: onlyView(fivePoints), coveredSide: undefined, verificationScore }
}

async function readUnlessHopeless(
  pack: LoadedPack,
  picture: Raster,
  placed: Detection,
  turned: boolean,
): Promise<FaceReading | undefined> {
  const points = await readPoints(pack, picture, placed)
  if (turned && points.landmarkInstability > HOPELESS_INSTABILITY) return undefined
  return readFace(pack, picture, placed, points)
}

function rescore(pack: LoadedPack, reading: FaceReading, detectionScore: number): FaceReading {
  const rescored = { ...reading, detectionScore }
  return { ...rescored, verificationScore: scoreReading(pack, rescored) }
}

async function readPoints(pack: LoadedPack, picture: Raster, candidate: Detection): Promise<FacePoints> {
  if (pack.landmarks !== undefined) {
    const converged = await convergeLandmarks(
      pack.landmarks,
      picture,
      centreOf(candidate.box),
      candidate.box.height,
      candidate.tiltDegrees,
    )
    return {
      landmarks: converged.points,
      fivePoints: fivePointsOf(converged.points),
      landmarkInstability: converged.landmarkInstability,
    }
  }
  const points = candidate.points
  if (points === undefined)
    throw new TypeError('a pack without a landmark network needs a detector that gives five points')
  return { landmarks: undefined, fivePoints: points, landmarkInstability: 0 }
}

/** Height of the face in the detector's input when it is looked at again. */
const SECOND_LOOK_SHARE = 0.45
/** Other heights, tried upright when nothing is seen: covered faces show at one of them. */
const OTHER_LOOK_SHARES = [0.3, 0.65] as const
/** How far from the candidate's middle, in its heights, a second look may find the same face. */
const NEAR_SHARE = 0.5

/**
 * Shows the candidate alone, upright and in the middle, and returns the best detection near the middle. Landmarks cost
 * a fifth of a look and are asked first whether more looks are worth it.
 */
async function lookAgain(
  pack: LoadedPack,
  picture: Raster,
  placed: Detection,
  upright: boolean,
): Promise<Detection | undefined> {
  const isHopeless = async (most: number): Promise<boolean> =>
    pack.landmarks !== undefined &&
    (await readPoints(pack, picture, withFaceShape(placed))).landmarkInstability > most
  if (!upright && (await isHopeless(HOPELESS_TURNED_UNREST))) return undefined
  const seen = await look(pack, picture, placed, SECOND_LOOK_SHARE)
  if (seen !== undefined || !upright || (await isHopeless(HOPELESS_INSTABILITY))) return seen
  for (const share of OTHER_LOOK_SHARES) {
    const found = await look(pack, picture, placed, share)
    if (found !== undefined) return found
  }
  return undefined
}

async function look(
  pack: LoadedPack,
  picture: Raster,
  { box, tiltDegrees }: Detection,
  heightShare: number,
): Promise<Detection | undefined> {
  const { widthPx, heightPx } = pack.detector.model.input
  const centre = centreOf(box)
  const view = rectangleView(centre, box.height / (heightShare * heightPx), tiltDegrees, widthPx, heightPx)
  const pass = { view, tiltDegrees, maxFaceShare: Number.POSITIVE_INFINITY, minScore: 0 }
  let best: Detection | undefined
  for (const found of await runPass(pack, picture, pass)) {
    const middle = centreOf(found.box)
    const near = Math.hypot(middle.x - centre.x, middle.y - centre.y) < box.height * NEAR_SHARE
    if (near && found.score > (best?.score ?? 0)) best = found
  }
  return best
}

/** Width over height of the detector's boxes around whole faces: median of 60, and the widest ones. */
const USUAL_SHAPE = 0.69
const WIDEST_SHAPE = 0.85

/** A box wider than faces are shows a face whose upper part is covered; it is made as tall as its width says, upwards. */
function withFaceShape(detection: Detection): Detection {
  const { box, tiltDegrees } = detection
  if (box.width / box.height <= WIDEST_SHAPE) return detection
  const height = box.width / USUAL_SHAPE
  const lift = (height - box.height) / 2
  const radians = (tiltDegrees * Math.PI) / 180
  const centre = {
    x: box.x + box.width / 2 + lift * Math.sin(radians),
    y: box.y + box.height / 2 - lift * Math.cos(radians),
  }
  return {
    ...detection,
    box: { x: centre.x - box.width / 2, y: centre.y - height / 2, width: box.width, height },
  }
}

function centreOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Weights of a logistic model; see docs/decisions/face-verification.md for the candidates it was fitted on. */
const WEIGHTS = { bias: -2.6, detection: 3.2, norm: 7, landmarkInstability: -3.2 }

function scoreReading(
  pack: LoadedPack,
  {
    landmarkInstability,
    embedding,
    detectionScore,
  }: Omit<FaceReading, 'verificationScore' | 'coveredSide' | 'views'>,
): number {
  const norm = Math.min(1.5, Math.max(-0.5, normShare(embedding.norm, pack.embedder.norm)))
  const sum =
    WEIGHTS.bias +
    WEIGHTS.detection * detectionScore +
    WEIGHTS.norm * norm +
    WEIGHTS.landmarkInstability * Math.min(1, landmarkInstability)
  return 1 / (1 + Math.exp(-sum))
}

import { alignFace, meanPoint } from './align/align-face.ts'
import { openPhoto } from './decode/open-photo.ts'
import type { OpenPhoto } from './decode/opening.ts'
import type { Detection } from './detect/detection.ts'
import { intersectionOverUnion } from './detect/detection.ts'
import { detectFaces } from './detect/detect-faces.ts'
import { closerPasses, turnedPasses, uprightPasses } from './detect/passes.ts'
import { embedFace } from './embed/embed-face.ts'
import { makeTemplate } from './embed/make-template.ts'
import { chooseLightening, lighten } from './enhance.ts'
import { fivePointsOf, tiltOf } from './landmark/landmarks.ts'
import { eyeDistance, convergeLandmarks } from './landmark/converge-landmarks.ts'
import type { LoadedPack } from './pack/loaded-pack.ts'
import { measureFace } from './quality/measure-face.ts'
import type { Raster } from './raster-types.ts'
import type { Box, DetectionMode, Face, FivePoints, PhotoReading, Point } from './types.ts'
import { faceBox } from './verify/face-box.ts'
import { isSure, MIN_VERIFICATION_SCORE, verifyFace } from './verify/verify-face.ts'
import { type FaceReading, onlyView } from './verify/face-reading.ts'

/** More candidates than this in one photo are not looked at; the best-scoring ones are. */
const MAX_CANDIDATES = 500

/**
 * Finds, describes and embeds every face of one photo: decode -> lighten if dark -> detect (upright; turned when
 * nothing was found) -> verify and choose orientation -> cut small faces from the original -> quality.
 */
export async function readPhoto(
  pack: LoadedPack,
  bytes: Uint8Array,
  mode: DetectionMode,
): Promise<PhotoReading> {
  const opening = await openPhoto(bytes, mode)
  if (opening.outcome === 'unreadable') return opening
  const { photo } = opening
  const picture = lightened(photo.working)
  const readings = await findFaces(pack, picture, mode)
  const faces: Face[] = []
  for (const { candidate, reading } of readings)
    faces.push(await describe(pack, photo, picture, candidate, reading))
  faces.sort((a, b) => a.boxPx.x + a.boxPx.width / 2 - (b.boxPx.x + b.boxPx.width / 2))
  return {
    outcome: 'read',
    photo: photo.facts,
    faces: faces.map((face, index) => ({ ...face, number: index + 1 })),
  }
}

/** Describes and embeds the one face whose five points a person marked, in pixels of the upright original. */
export async function readMarkedFace(
  pack: LoadedPack,
  bytes: Uint8Array,
  points: FivePoints,
  mode: DetectionMode,
): Promise<PhotoReading> {
  const opening = await openPhoto(bytes, mode)
  if (opening.outcome === 'unreadable') return opening
  const { photo } = opening
  const picture = lightened(photo.working)
  const fivePoints = points.map(({ x, y }) => ({ x: x / photo.scale, y: y / photo.scale })) as FivePoints
  const box = faceBox(fivePoints)
  const reading: FaceReading = {
    box,
    landmarks: undefined,
    fivePoints,
    tiltDegrees: tiltOf(fivePoints),
    landmarkInstability: 0,
    coveredSide: undefined,
    embedding: await embedFace(pack.embedder, alignFace(picture, fivePoints)),
    views: onlyView(fivePoints),
    detectionScore: 1,
    verificationScore: 1,
  }
  const candidate: Detection = { box, score: 1, tiltDegrees: reading.tiltDegrees }
  const face = await describe(pack, photo, picture, candidate, reading)
  return { outcome: 'read', photo: photo.facts, faces: [{ ...face, origin: 'examiner' }] }
}

/** Turned every way, hair and drawings sooner or later look like a face, so a turned one must be surer. */
const MIN_TURNED_VERIFICATION_SCORE = 0.9

interface Verified {
  candidate: Detection
  reading: FaceReading
}

function lightened(working: Raster): Raster {
  const lightening = chooseLightening(working)
  return lightening === undefined ? working : lighten(working, lightening)
}

async function findFaces(pack: LoadedPack, picture: Raster, mode: DetectionMode): Promise<Verified[]> {
  const { widthPx, heightPx } = pack.detector.model.input
  const input = { width: widthPx, height: heightPx }
  const candidates = await detectFaces(pack, picture, uprightPasses(picture, input, mode))
  let upright = await verifyAll(pack, picture, candidates)
  if (mode === 'fast') return upright
  if (!upright.some(({ reading }) => isSure(pack, reading))) {
    const closer = await lookCloser(pack, picture, candidates.length > 0)
    upright = dropRepeats([...upright, ...(await verifyAll(pack, picture, closer))])
  }
  if (upright.length > 0 && mode !== 'thorough') return upright
  const turned = await detectFaces(pack, picture, turnedPasses(picture, input, mode))
  const sure = (await verifyAll(pack, picture, turned)).filter(
    ({ reading }) => reading.verificationScore >= MIN_TURNED_VERIFICATION_SCORE,
  )
  return dropRepeats([...upright, ...sure])
}

/** Pictures without any face, which collections are full of, show nothing in the first closer looks and are spared the others. */
async function lookCloser(pack: LoadedPack, picture: Raster, hasCandidates: boolean): Promise<Detection[]> {
  const { widthPx, heightPx } = pack.detector.model.input
  const [first, others] = closerPasses(picture, { width: widthPx, height: heightPx })
  const found = await detectFaces(pack, picture, first)
  if (!hasCandidates && found.length === 0) return []
  return detectFaces(pack, picture, others, found)
}

async function verifyAll(
  pack: LoadedPack,
  picture: Raster,
  candidates: readonly Detection[],
): Promise<Verified[]> {
  const verified: Verified[] = []
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    const reading = await verifyFace(pack, picture, candidate)
    if (reading !== undefined && reading.verificationScore >= MIN_VERIFICATION_SCORE)
      verified.push({ candidate, reading })
  }
  return dropRepeats(verified)
}

/** Two faces side by side never share this much of their boxes, a face and a part of it do. */
const SAME_FACE_OVERLAP = 0.2
/** Eyes of two readings nearer than this, in eye distances, are the same eyes. */
const SAME_EYES_DISTANCE = 0.5

/** Two candidates may converge on one face; the surer reading stays. */
function dropRepeats(verified: readonly Verified[]): Verified[] {
  const kept: Verified[] = []
  for (const face of verified.toSorted((a, b) => b.reading.verificationScore - a.reading.verificationScore)) {
    const repeats = kept.some(
      ({ reading }) =>
        intersectionOverUnion(reading.box, face.reading.box) > SAME_FACE_OVERLAP ||
        sameEyes(reading.fivePoints, face.reading.fivePoints),
    )
    if (!repeats) kept.push(face)
  }
  return kept
}

function sameEyes(a: FivePoints, b: FivePoints): boolean {
  const [first, second] = [meanPoint(a.slice(0, 2)), meanPoint(b.slice(0, 2))]
  const distance = Math.hypot(first.x - second.x, first.y - second.y)
  return distance < SAME_EYES_DISTANCE * Math.max(eyeDistance(a), eyeDistance(b))
}

/** Below this eye distance in the working picture a larger original shows more than the embedder has seen. */
const CUT_BELOW_EYE_DISTANCE_PX = 40
const CUT_FROM_SCALE = 1.2
/** Side of the part cut from the original, in box heights. */
const CUT_SHARE = 2

/** The face in the original's frame, read again from the original's own pixels where these show more. */
async function describe(
  pack: LoadedPack,
  photo: OpenPhoto,
  picture: Raster,
  candidate: Detection,
  reading: FaceReading,
): Promise<Face> {
  const closer = await readCloser(pack, photo, reading)
  const seen = closer ?? { picture, reading, box: reading.box, perPx: photo.scale, x: 0, y: 0 }
  const { quality, pose } = await measureFace(pack, seen.picture, seen.perPx, seen.box, seen.reading)
  const toOriginal = ({ x, y }: Point): Point => ({ x: x * seen.perPx + seen.x, y: y * seen.perPx + seen.y })
  return {
    number: 0,
    origin: 'detector',
    boxPx: scaleBox(reading.box, photo.scale),
    detectionScore: candidate.score,
    verificationScore: reading.verificationScore,
    tiltDegrees: seen.reading.tiltDegrees,
    landmarksPx: seen.reading.landmarks?.map(toOriginal),
    fivePointsPx: seen.reading.fivePoints.map(toOriginal) as FivePoints,
    pose,
    quality,
    template: await makeTemplate(pack, seen.picture, seen.reading),
  }
}

function scaleBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor }
}

async function readCloser(
  pack: LoadedPack,
  photo: OpenPhoto,
  reading: FaceReading,
): Promise<
  { picture: Raster; reading: FaceReading; box: Box; perPx: number; x: number; y: number } | undefined
> {
  if (photo.scale < CUT_FROM_SCALE || eyeDistance(reading.fivePoints) > CUT_BELOW_EYE_DISTANCE_PX)
    return undefined
  const box = scaleBox(reading.box, photo.scale)
  const side = box.height * CUT_SHARE
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const part = await photo.cut({ x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side })
  const picture = lightened(part.raster)
  const local = { ...box, x: box.x - part.x, y: box.y - part.y }
  const localCentre = { x: centre.x - part.x, y: centre.y - part.y }
  let { landmarks, tiltDegrees, landmarkInstability } = reading
  let fivePoints = reading.fivePoints.map(({ x, y }) => ({
    x: x * photo.scale - part.x,
    y: y * photo.scale - part.y,
  })) as FivePoints
  if (pack.landmarks !== undefined && landmarks !== undefined) {
    const converged = await convergeLandmarks(pack.landmarks, picture, localCentre, local.height, tiltDegrees)
    landmarks = converged.points
    tiltDegrees = converged.tiltDegrees
    landmarkInstability = converged.landmarkInstability
    fivePoints = fivePointsOf(landmarks)
  }
  const embedding = await embedFace(pack.embedder, alignFace(picture, fivePoints))
  return {
    picture,
    reading: {
      ...reading,
      landmarks,
      fivePoints,
      tiltDegrees,
      landmarkInstability,
      embedding,
      views: onlyView(fivePoints),
    },
    box: local,
    perPx: 1,
    x: part.x,
    y: part.y,
  }
}

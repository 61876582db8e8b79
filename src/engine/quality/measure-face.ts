import { alignFace } from '../align/align-face.ts'
import { normShare } from '../embed/norm-share.ts'
import { eyeDistance } from '../landmark/converge-landmarks.ts'
import type { LoadedPack } from '../pack/loaded-pack.ts'
import type { Raster } from '../raster-types.ts'
import type { Box, FaceQuality, HeadPose, QualityAdvice } from '../types.ts'
import { SURE_VERIFICATION_SCORE } from '../verify/verify-face.ts'
import { type FaceReading } from '../verify/face-reading.ts'
import { readEyesOpen } from './eyes-open.ts'
import { readHeadPose } from './head-pose.ts'
import { clamp01, measurePicture } from './measure-picture.ts'

/** Below these an advice is given; each is where `likeness evaluate --degrade` begins to lose mates, see docs/accuracy.md. */
const ADVISE_BELOW = {
  interEyeDistancePx: 16,
  sharpnessScore: 0.2,
  exposureScore: 0.6,
  headPoseScore: 0.7,
  eyesOpenScore: 0.3,
  occlusionScore: 0.75,
  faceInsidePictureScore: 0.9,
  unifiedScore: 0.3,
}

/**
 * Measures a face.
 * @param picture the pyramid that the reading's points refer to
 * @param originalPerPx original pixels per pixel of that pyramid
 * @param box the face's box in the same pixels
 */
export async function measureFace(
  pack: LoadedPack,
  picture: Raster,
  originalPerPx: number,
  box: Box,
  reading: FaceReading,
): Promise<{ quality: FaceQuality; pose: HeadPose | undefined }> {
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const { landmarks, fivePoints, tiltDegrees, embedding } = reading
  const pose =
    pack.pose === undefined
      ? undefined
      : await readHeadPose(pack.pose, picture, centre, box.height, tiltDegrees)
  const eyesOpen =
    pack.eyes === undefined || landmarks === undefined
      ? 1
      : await readEyesOpen(pack.eyes, picture, landmarks, pose, tiltDegrees)
  const measured = {
    unifiedScore: clamp01(normShare(embedding.norm, pack.embedder.norm)),
    interEyeDistancePx: eyeDistance(fivePoints) * originalPerPx,
    ...measurePicture(alignFace(picture, fivePoints)),
    headPoseScore: pose === undefined ? 1 : poseScore(pose),
    eyesOpenScore: eyesOpen,
    faceInsidePictureScore: insideShare(box, picture),
  }
  return { quality: { ...measured, advice: adviseOn(measured, reading.verificationScore) }, pose }
}

/** cos(yaw) cos(pitch), 0 when turned by a right angle or more. */
function poseScore({ yawDegrees, pitchDegrees }: HeadPose): number {
  return cosine(yawDegrees) * cosine(pitchDegrees)
}

function cosine(degrees: number): number {
  return Math.max(0, Math.cos((degrees * Math.PI) / 180))
}

function insideShare(box: Box, picture: { width: number; height: number }): number {
  const width = Math.min(box.x + box.width, picture.width) - Math.max(box.x, 0)
  const height = Math.min(box.y + box.height, picture.height) - Math.max(box.y, 0)
  return clamp01((Math.max(0, width) * Math.max(0, height)) / (box.width * box.height))
}

function adviseOn(quality: Omit<FaceQuality, 'advice'>, verificationScore: number): QualityAdvice[] {
  const advice: QualityAdvice[] = []
  const add = (code: QualityAdvice, when: boolean): void => {
    if (when) advice.push(code)
  }
  add('too_small', quality.interEyeDistancePx < ADVISE_BELOW.interEyeDistancePx)
  add('blurred', quality.sharpnessScore < ADVISE_BELOW.sharpnessScore)
  add('too_dark', quality.underExposureScore < ADVISE_BELOW.exposureScore)
  add('too_bright', quality.overExposureScore < ADVISE_BELOW.exposureScore)
  add('turned_away', quality.headPoseScore < ADVISE_BELOW.headPoseScore)
  add('eyes_closed', quality.eyesOpenScore < ADVISE_BELOW.eyesOpenScore)
  add('covered', quality.occlusionScore < ADVISE_BELOW.occlusionScore)
  add('cut_off', quality.faceInsidePictureScore < ADVISE_BELOW.faceInsidePictureScore)
  add('weak_template', quality.unifiedScore < ADVISE_BELOW.unifiedScore)
  add('unsure_face', verificationScore < SURE_VERIFICATION_SCORE)
  return advice
}

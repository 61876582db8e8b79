import type { Embedding } from '../embed/embed-face.ts'
import type { Box, FivePoints, Point } from '../types.ts'

/** Where a face's points are, and how firmly they stand. */
export interface FacePoints {
  landmarks: Point[] | undefined
  fivePoints: FivePoints
  /** See [Note: landmark instability] in converge-landmarks.ts; 0 for packs without a landmark network. */
  landmarkInstability: number
}

/** A candidate seen as a face in one orientation, with what speaks for and against it. */
export interface FaceReading extends FacePoints {
  /** Box in which the face was read, upright about its centre, working pixels. */
  box: Box
  tiltDegrees: number
  embedding: Embedding
  /** Detector's score when the candidate is shown upright in the middle of the input, 0 to 1. */
  detectionScore: number
  /** Side of the picture on which the face is covered, when its visible half had to stand for the whole. */
  coveredSide: 'left' | 'right' | undefined
  /** Confidence that this is a face in this orientation, 0 to 1. */
  verificationScore: number
}

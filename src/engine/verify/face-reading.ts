import type { Embedding } from '../embed/embed-face.ts'
import type { Box, FivePoints, Point } from '../types.ts'

/** Where a face's points are, and how firmly they stand. */
export interface FacePoints {
  landmarks: Point[] | undefined
  fivePoints: FivePoints
  /** See [Note: landmark instability] in converge-landmarks.ts; 0 for packs without a landmark network. */
  landmarkInstability: number
}

/** One aligned picture of the face among those that its template is made of. */
export interface FaceView {
  fivePoints: FivePoints
  /** The half that stands for the whole, with its mirror image; undefined: the face as it is. */
  visibleHalf: 'left' | 'right' | undefined
  /** What it counts; those of a reading add up to 1. */
  weight: number
}

/** The one view of a face that was read in one place. */
export function onlyView(fivePoints: FivePoints): FaceView[] {
  return [{ fivePoints, visibleHalf: undefined, weight: 1 }]
}

/** A candidate seen as a face in one orientation, with what speaks for and against it. */
export interface FaceReading extends FacePoints {
  /** Box in which the face was read, upright about its centre, working pixels. */
  box: Box
  tiltDegrees: number
  /** By the pack's first network, which verifies. */
  embedding: Embedding
  /** What the templates of the pack's other networks are to be made of, as the first one's was. */
  views: FaceView[]
  /** Detector's score when the candidate is shown upright in the middle of the input, 0 to 1. */
  detectionScore: number
  /** Side of the picture on which the face is covered, when its visible half had to stand for the whole. */
  coveredSide: 'left' | 'right' | undefined
  /** Confidence that this is a face in this orientation, 0 to 1. */
  verificationScore: number
}

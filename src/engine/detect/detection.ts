import type { Box, FivePoints } from '../types.ts'

/** A face as a detector reports it, in pixels of the picture that the detector saw. */
export interface RawDetection {
  x1: number
  y1: number
  x2: number
  y2: number
  /** Confidence, 0 to 1. */
  score: number
  /** Five points, where the architecture gives them. */
  points?: FivePoints
}

/** A face candidate in the working picture. */
export interface Detection {
  /** Upright box around the face in working pixels; of a tilted face, the box it would have when turned upright about its centre. */
  box: Box
  score: number
  /** Tilt of the pass that found it, degrees clockwise. */
  tiltDegrees: number
  points?: FivePoints
}

/** Overlap of two boxes: intersection over union, 0 to 1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (a.width * a.height + b.width * b.height - shared)
}

/** Share of the smaller box that the other one covers, 0 to 1. */
export function coverage(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  return (width * height) / Math.min(a.width * a.height, b.width * b.height)
}

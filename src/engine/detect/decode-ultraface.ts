import type { Output } from '../model.ts'
import type { RawDetection } from './detection.ts'

/**
 * Reads UltraFace's outputs: `scores` 1 x N x 2 (background, face) and `boxes` 1 x N x 4 (x1, y1, x2, y2 in 0..1).
 * @returns detections of at least `minScore`, in input pixels, unsorted and overlapping
 */
export function decodeUltraface(
  outputs: Record<string, Output>,
  input: { widthPx: number; heightPx: number },
  minScore: number,
): RawDetection[] {
  const scores = outputs['scores']?.data
  const boxes = outputs['boxes']?.data
  if (scores === undefined || boxes === undefined || scores.length !== boxes.length / 2)
    throw new TypeError('an UltraFace network must have outputs "scores" (1xNx2) and "boxes" (1xNx4)')
  const found: RawDetection[] = []
  for (let anchor = 0; anchor < boxes.length / 4; anchor++) {
    const score = scores[anchor * 2 + 1]
    if (!(score >= minScore)) continue
    const at = anchor * 4
    const x1 = boxes[at] * input.widthPx
    const y1 = boxes[at + 1] * input.heightPx
    const x2 = boxes[at + 2] * input.widthPx
    const y2 = boxes[at + 3] * input.heightPx
    if (x2 > x1 && y2 > y1) found.push({ x1, y1, x2, y2, score })
  }
  return found
}

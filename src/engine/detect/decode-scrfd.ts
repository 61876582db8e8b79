import type { Output } from '../model.ts'
import type { FivePoints } from '../types.ts'
import type { RawDetection } from './detection.ts'

const STRIDES_PX = [8, 16, 32] as const
/** SCRFD puts this many anchors, of the same centre, on each cell. */
const ANCHORS_PER_CELL = 2

/**
 * Reads SCRFD's outputs (Guo et al. 2021, the InsightFace export): for each stride 8, 16, 32 in this order scores
 * N x 1 (sigmoid applied), box distances N x 4 (left, top, right, bottom, in strides) and, in packs with points,
 * N x 10 offsets (in strides), with N = cells x {@link ANCHORS_PER_CELL}. Outputs are told apart by their last
 * dimension, since exports name them by number, and keep the order of strides.
 * @returns detections of at least `minScore`, in input pixels, unsorted and overlapping
 * @throws TypeError when the outputs do not fit the input size
 */
export function decodeScrfd(
  outputs: Record<string, Output>,
  input: { widthPx: number; heightPx: number },
  minScore: number,
): RawDetection[] {
  const byWidth = (width: number): Float32Array[] =>
    Object.values(outputs)
      .filter(({ dims }) => dims[dims.length - 1] === width)
      .map(({ data }) => data)
      .toSorted((a, b) => b.length - a.length)
  const [scores, boxes, points] = [byWidth(1), byWidth(4), byWidth(10)]
  const found: RawDetection[] = []
  for (const [level, stride] of STRIDES_PX.entries()) {
    const columns = Math.ceil(input.widthPx / stride)
    const anchors = columns * Math.ceil(input.heightPx / stride) * ANCHORS_PER_CELL
    if (scores[level]?.length !== anchors || boxes[level]?.length !== anchors * 4)
      throw new TypeError(
        `an SCRFD network for ${input.widthPx}x${input.heightPx} must give ${anchors} scores and boxes at stride ${stride}`,
      )
    for (let anchor = 0; anchor < anchors; anchor++) {
      const score = scores[level][anchor]
      if (!(score >= minScore)) continue
      const cell = Math.floor(anchor / ANCHORS_PER_CELL)
      const x = (cell % columns) * stride
      const y = Math.floor(cell / columns) * stride
      const box = boxes[level].subarray(anchor * 4, anchor * 4 + 4)
      const detection: RawDetection = {
        x1: x - box[0] * stride,
        y1: y - box[1] * stride,
        x2: x + box[2] * stride,
        y2: y + box[3] * stride,
        score,
      }
      const offsets = points[level]?.subarray(anchor * 10, anchor * 10 + 10)
      if (offsets !== undefined) detection.points = readPoints(offsets, x, y, stride)
      found.push(detection)
    }
  }
  return found
}

/** Five points from offsets (x, y pairs, in strides) to an anchor's centre. */
export function readPoints(offsets: Float32Array, x: number, y: number, stride: number): FivePoints {
  return [0, 1, 2, 3, 4].map((i) => ({
    x: x + offsets[i * 2] * stride,
    y: y + offsets[i * 2 + 1] * stride,
  })) as FivePoints
}

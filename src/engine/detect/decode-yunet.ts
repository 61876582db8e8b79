import type { Output } from '../model.ts'
import type { RawDetection } from './detection.ts'
import { readPoints } from './decode-scrfd.ts'

const STRIDES_PX = [8, 16, 32] as const

/**
 * Reads YuNet's outputs (Wu et al. 2023, the OpenCV Zoo export of 2023): `cls_S`, `obj_S` 1 x N x 1, `bbox_S`
 * 1 x N x 4 (centre offset in strides, logarithm of size in strides) and `kps_S` 1 x N x 10, for strides S = 8, 16,
 * 32 and N cells; a score is the geometric mean of class and objectness, each clamped to 0..1.
 * @returns detections of at least `minScore`, in input pixels, unsorted and overlapping
 * @throws TypeError when an output is missing or does not fit the input size
 */
export function decodeYunet(
  outputs: Record<string, Output>,
  input: { widthPx: number; heightPx: number },
  minScore: number,
): RawDetection[] {
  const found: RawDetection[] = []
  for (const stride of STRIDES_PX) {
    const columns = Math.floor(input.widthPx / stride)
    const cells = columns * Math.floor(input.heightPx / stride)
    const read = (name: string, width: number): Float32Array => {
      const output = outputs[`${name}_${stride}`]
      if (output?.data.length !== cells * width)
        throw new TypeError(
          `a YuNet network for ${input.widthPx}x${input.heightPx} must have an output "${name}_${stride}" of 1x${cells}x${width}`,
        )
      return output.data
    }
    const [classes, objects, boxes, points] = [
      read('cls', 1),
      read('obj', 1),
      read('bbox', 4),
      read('kps', 10),
    ]
    for (let cell = 0; cell < cells; cell++) {
      const score = Math.sqrt(clamp01(classes[cell]) * clamp01(objects[cell]))
      if (!(score >= minScore)) continue
      const x = cell % columns
      const y = Math.floor(cell / columns)
      const box = boxes.subarray(cell * 4, cell * 4 + 4)
      const centreX = (x + box[0]) * stride
      const centreY = (y + box[1]) * stride
      const halfWidth = (Math.exp(box[2]) * stride) / 2
      const halfHeight = (Math.exp(box[3]) * stride) / 2
      found.push({
        x1: centreX - halfWidth,
        y1: centreY - halfHeight,
        x2: centreX + halfWidth,
        y2: centreY + halfHeight,
        score,
        points: readPoints(points.subarray(cell * 10, cell * 10 + 10), x * stride, y * stride, stride),
      })
    }
  }
  return found
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value))
}

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PackManifest } from '../../src/engine/pack/manifest.ts'
import { type Constant, constantNetwork, onnxFile, onnxNode } from './onnx-graphs.ts'

/** One face as a made-up detector reports it, in pixels of its input. */
export interface MadeUpFace {
  x1: number
  y1: number
  x2: number
  y2: number
  points: [number, number][]
}

/** Side of the made-up detectors' square input. */
export const DETECTOR_SIDE_PX = 320
/** Numbers in the made-up embedder's template: 3 channels of 8 x 8 means. */
export const TEMPLATE_LENGTH = 192
const STRIDES_PX = [8, 16, 32]

/** Cell of a stride in which a face's middle lies. */
function cellOf({ x1, y1, x2, y2 }: MadeUpFace, stride: number): { column: number; row: number } {
  return { column: Math.floor((x1 + x2) / 2 / stride), row: Math.floor((y1 + y2) / 2 / stride) }
}

/** Outputs of a YuNet network that sees one face, at one stride. */
export function yunetOutputs(face: MadeUpFace, faceStride: number, side = DETECTOR_SIDE_PX): Constant[] {
  return STRIDES_PX.flatMap((stride) => {
    const columns = side / stride
    const cells = columns * columns
    const [cls, obj, bbox, kps] = [1, 1, 4, 10].map((width) => new Float32Array(cells * width))
    if (stride === faceStride) {
      const { column, row } = cellOf(face, stride)
      const cell = row * columns + column
      // The score is the geometric mean of the two.
      cls[cell] = 1
      obj[cell] = 0.81
      const centre = [(face.x1 + face.x2) / 2, (face.y1 + face.y2) / 2]
      bbox.set(
        [
          centre[0] / stride - column,
          centre[1] / stride - row,
          Math.log((face.x2 - face.x1) / stride),
          Math.log((face.y2 - face.y1) / stride),
        ],
        cell * 4,
      )
      kps.set(
        face.points.flatMap(([x, y]) => [x / stride - column, y / stride - row]),
        cell * 10,
      )
    }
    return [
      { name: `cls_${stride}`, dims: [1, cells, 1], values: cls },
      { name: `obj_${stride}`, dims: [1, cells, 1], values: obj },
      { name: `bbox_${stride}`, dims: [1, cells, 4], values: bbox },
      { name: `kps_${stride}`, dims: [1, cells, 10], values: kps },
    ]
  })
}

/** Outputs of an SCRFD network that sees one face, at one stride, in the second anchor of its cell. */
export function scrfdOutputs(face: MadeUpFace, faceStride: number, withPoints = true): Constant[] {
  const byStride = STRIDES_PX.map((stride) => {
    const columns = DETECTOR_SIDE_PX / stride
    const anchors = columns * columns * 2
    const [scores, boxes, points] = [1, 4, 10].map((width) => new Float32Array(anchors * width))
    if (stride === faceStride) {
      const { column, row } = cellOf(face, stride)
      const anchor = (row * columns + column) * 2 + 1
      const [x, y] = [column * stride, row * stride]
      scores[anchor] = 0.9
      boxes.set(
        [x - face.x1, y - face.y1, face.x2 - x, face.y2 - y].map((px) => px / stride),
        anchor * 4,
      )
      points.set(
        face.points.flatMap(([px, py]) => [(px - x) / stride, (py - y) / stride]),
        anchor * 10,
      )
    }
    return [
      { name: `score_${stride}`, dims: [anchors, 1], values: scores },
      { name: `bbox_${stride}`, dims: [anchors, 4], values: boxes },
      ...(withPoints ? [{ name: `kps_${stride}`, dims: [anchors, 10], values: points }] : []),
    ]
  })
  // As in the public exports: all scores, then all boxes, then all points.
  return [0, 1, 2].flatMap((kind) => byStride.flatMap((outputs) => outputs.slice(kind, kind + 1)))
}

/** A detector that sees the same faces in every picture. */
export function detectorNetwork(outputs: readonly Constant[], side = DETECTOR_SIDE_PX): Uint8Array {
  return constantNetwork([1, 3, side, side], outputs)
}

/** An embedder whose vector is the picture in 8 x 8 means of each channel: not a good one, but one of the picture. */
export function meansEmbedder(): Uint8Array {
  return onnxFile({
    input: { name: 'face', dims: [1, 3, 112, 112] },
    nodes: [
      onnxNode('AveragePool', ['face'], 'means', { kernel_shape: [14, 14], strides: [14, 14] }),
      onnxNode('Flatten', ['means'], 'vector', { axis: 1 }),
    ],
    constants: [],
    outputs: [{ name: 'vector', dims: [1, TEMPLATE_LENGTH] }],
  })
}

/** Writes a pack's folder: both networks and the manifest that names them. */
export async function writePack(
  folder: string,
  id: string,
  architecture: PackManifest['detector']['architecture'],
  detector: Uint8Array,
  embedder: Uint8Array = meansEmbedder(),
  { mirror = true, templateLength = TEMPLATE_LENGTH } = {},
): Promise<PackManifest> {
  await mkdir(folder, { recursive: true })
  const file = async (name: string, bytes: Uint8Array): Promise<PackManifest['detector']['file']> => {
    await writeFile(path.join(folder, name), bytes)
    return { path: name, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
  }
  const manifest: PackManifest = {
    id,
    title: 'made up for a test',
    sources: [{ name: 'a test', licence: 'Apache-2.0', provenance: 'made up for a test' }],
    detector: {
      file: await file('detector.onnx', detector),
      architecture,
      minScore: 0.5,
      input: {
        widthPx: DETECTOR_SIDE_PX,
        heightPx: DETECTOR_SIDE_PX,
        channels: 'bgr',
        mean: 0,
        scale: 1,
      },
    },
    embedder: {
      file: await file('embedder.onnx', embedder),
      architecture: 'arcface',
      templateLength,
      shortened: false,
      mirror,
      weight: { bad: 1, good: 1 },
      // Any vector of this embedder is longer than 1, so every candidate looks like a good face.
      norm: { bad: 0, good: 1 },
      input: { widthPx: 112, heightPx: 112, channels: 'rgb', mean: 127.5, scale: 127.5 },
    },
    furtherEmbedders: [],
  }
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest))
  return manifest
}

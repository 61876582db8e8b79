import type { RawDetection } from '../detect/detection.ts'
import type { Model, Output } from '../model.ts'

export type DecodeDetections = (
  outputs: Record<string, Output>,
  input: { widthPx: number; heightPx: number },
  minScore: number,
) => RawDetection[]

/** A pack with its networks in memory, for one worker thread. */
export interface LoadedPack {
  id: string
  detector: { model: Model; decode: DecodeDetections; minScore: number }
  landmarks: Model | undefined
  pose: Model | undefined
  eyes: Model | undefined
  embedder: { model: Model; templateLength: number; mirror: boolean; norm: { bad: number; good: number } }
}

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
  /** The first network of the template. Verification rests on it alone. */
  embedder: LoadedEmbedder & { norm: { bad: number; good: number } }
  /** Further networks whose vectors stand in the template behind the first one's. */
  furtherEmbedders: LoadedEmbedder[]
}

export interface LoadedEmbedder {
  model: Model
  templateLength: number
  mirror: boolean | 'unless_sure'
  /** Its part in a similarity, for a face of bad and of good quality; between them it changes evenly. */
  weight: { bad: number; good: number }
}

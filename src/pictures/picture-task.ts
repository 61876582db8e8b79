import type { DerivationStep } from '../contract/derivation.ts'
import type { Box } from '../engine/types.ts'

/** What is wanted of a photo. */
export type PictureTask =
  /** The picture after the steps, as PNG, for reading. */
  | { want: 'derived'; photo: Uint8Array; steps: readonly DerivationStep[] }
  /** For people: at most `longSidePx` long, as JPEG, perhaps one part, perhaps blurred. */
  | {
      want: 'shown'
      photo: Uint8Array
      steps: readonly DerivationStep[]
      longSidePx: number
      part: Box | undefined
      blurred: boolean
    }

export type PictureResult =
  | { outcome: 'made'; bytes: Uint8Array; widthPx: number; heightPx: number; pixelsSha256: string }
  | { outcome: 'unreadable'; detail: string }

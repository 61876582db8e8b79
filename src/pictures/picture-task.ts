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
      /** The part whole and `longSidePx` wide and high, whatever the photo's size: grey where it reaches past the picture. */
      square?: boolean
      /** Boxes that are blurred beyond recognition, pixels of the picture after the steps. */
      hidden?: readonly Box[]
    }

export type PictureResult =
  | {
      outcome: 'made'
      bytes: Uint8Array
      widthPx: number
      heightPx: number
      pixelsSha256: string
      /** Of a square's content before it was scaled and blurred: 16 hex digits. */
      perceptualHash?: string
    }
  | { outcome: 'unreadable'; detail: string }

import type { ReadVideo } from '../video/read-video.ts'
import type { StagedMedia } from '../store/vault/media-vault.ts'
import type { ExifFacts } from '../sources/exif/exif-worker.ts'
import type { PhotoReading } from '../engine/types.ts'
import type { LeasedItem } from './lease.ts'
export type ReadPhoto = Extract<PhotoReading, { outcome: 'read' }>

/** What came of an item; written by commit-items.ts. */
export type WorkedItem = { item: LeasedItem } & (
  | { outcome: 'unreadable' | 'failed'; reason: string; detail: string }
  /** The same bytes are in the record already. */
  | { outcome: 'known'; sha256: string }
  | {
      outcome: 'read'
      sha256: string
      byteLength: number
      /** The original on its way to the disk; the commit waits for it, the engine does not. */
      staging: Promise<StagedMedia>
      reading: ReadPhoto
      exif: ExifFacts
    }
  /** It was told to stop on the way, and can be gone on with. */
  | { outcome: 'stopped' }
  | Omit<WorkedVideo, 'item'>
)

/** What came of a video; written by commit-items.ts. */
export interface WorkedVideo {
  item: LeasedItem
  outcome: 'video'
  sha256: string
  byteLength: number
  staging: Promise<StagedMedia>
  video: ReadVideo
}

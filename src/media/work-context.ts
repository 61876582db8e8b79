import type { ExifReader } from '../sources/exif/exif-reader.ts'
import type { Context } from '../context.ts'
import type { PicturePool } from '../pictures/picture-pool.ts'
import type { ConcurrencyLimit } from '../concurrency/concurrency-limit.ts'
import type { CopyMaker } from './playable-copy.ts'

/** What work on photos in cases needs beyond what every action has. */
export interface WorkContext extends Context {
  /** Most bytes of originals an agency may keep; undefined: no limit. See [Note: storage quota]. */
  readonly agencyQuotaBytes?: number | undefined
  readonly readings: ConcurrencyLimit
  readonly pictures: PicturePool
  /** Makes the copies of videos that browsers play. */
  readonly copies: CopyMaker
  /** Lets one video after another be read, whichever way it came in. */
  /** Reads what files say of themselves, in threads that all who take files in share. */
  readonly exif: ExifReader
}

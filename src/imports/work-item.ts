import type { WorkedItem } from './worked-item.ts'
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isMotionJpeg } from '../engine/decode/behind-picture.ts'
import type { Engine, PhotoReading } from '../engine/types.ts'
import { reasonOf } from '../errors.ts'
import type { StagedMedia } from '../store/vault/media-vault.ts'
import type { Store } from '../store/store.ts'
import { nameUnreadVideo, sniffContainer } from '../video/sniff-container.ts'
import { videoItemFrom } from '../video/video-item.ts'
import type { ExifReader } from '../sources/exif/exif-reader.ts'
import { DigestCheck } from '../sources/web-archive/claimed-digest.ts'
import { archiveRefusal } from '../sources/archive-kind.ts'
import type { ItemReader } from '../sources/source-item.ts'
import type { Claims } from '../sources/claims.ts'
import type { LeasedItem } from './lease.ts'
import { workVideo, type VideoTools } from './work-video.ts'

/** Hashing goes on in steps of this size, so that a large file does not hold up the event loop. */
const HASH_STEP_BYTES = 4 * 1024 * 1024

export interface WorkTools {
  store: Store
  engine: Engine
  reader: ItemReader
  exif: ExifReader
  videos: Omit<VideoTools, 'store' | 'engine'>
}

/**
 * Reads an item's bytes, names them, and, unless the record has them, finds faces while the original is written beside
 * its place in the vault. Nothing of it counts before the commit.
 */
export async function workItem(tools: WorkTools, leased: LeasedItem): Promise<WorkedItem> {
  const claims = claimsOf(leased)
  const read = await tools.reader.read(leased.ordinal, leased.name, claims.capture)
  if (!read.ok) return { item: leased, outcome: 'unreadable', ...read.refusal }
  if (read.video !== undefined) return workVideo({ ...tools, ...tools.videos }, leased, read.video)
  const { bytes } = read
  const item = await withCheckedDigest(leased, claims, bytes)
  const container = isMotionJpeg(bytes) ? 'mjpeg' : sniffContainer(bytes)
  if (container !== undefined) {
    const video = await videoItemFrom(tools.store, once(bytes), container)
    if (video !== undefined) return workVideo({ ...tools, ...tools.videos }, item, video)
  }
  const unread = nameUnreadVideo(bytes)
  if (unread !== undefined) {
    return {
      item,
      outcome: 'unreadable',
      reason: 'unsupported_format',
      detail: `This is a video of a kind not read here (${unread}); convert it with ffmpeg.`,
    }
  }
  const archive = archiveRefusal(bytes)
  if (archive !== undefined) return { item, outcome: 'unreadable', ...archive }
  const sha256 = await sha256Of(bytes)
  if (await isKnown(tools.store, sha256)) return { item, outcome: 'known', sha256 }
  const staging = tools.store.vault.stage(bytes, sha256)
  // Its failure is met where it is awaited; until then it must not count as unhandled.
  staging.catch(() => undefined)
  const exifReading = tools.exif.read(bytes)
  let reading: PhotoReading
  try {
    reading = await tools.engine.readPhoto(bytes)
  } catch (error) {
    await discard(tools.store, staging)
    return { item, outcome: 'failed', reason: 'engine_failed', detail: reasonOf(error) }
  }
  if (reading.outcome === 'unreadable') {
    await discard(tools.store, staging)
    return { item, outcome: 'unreadable', reason: reading.reason, detail: reading.detail }
  }
  const exif = await exifReading
  return {
    item,
    outcome: 'read',
    sha256,
    byteLength: bytes.byteLength,
    staging,
    reading,
    exif,
  }
}

/** A video whose bytes came whole, as small ones do through the service. */
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export function claimsOf(item: Pick<LeasedItem, 'claims'>): Claims {
  return item.claims === null ? {} : (JSON.parse(item.claims) as Claims)
}

/** A hash that a tool's list names is checked once the bytes are there. */
async function withCheckedDigest(item: LeasedItem, claims: Claims, bytes: Uint8Array): Promise<LeasedItem> {
  const { capture } = claims
  if (capture === undefined || capture.place !== undefined || capture.digest.verdict !== 'unchecked')
    return item
  const check = new DigestCheck(capture.digest.claimed)
  for (let at = 0; at < bytes.byteLength; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn()
    check.update(bytes.subarray(at, at + HASH_STEP_BYTES))
  }
  return { ...item, claims: JSON.stringify({ ...claims, capture: { ...capture, digest: check.result() } }) }
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const sum = createHash('sha256')
  for (let at = 0; at < bytes.byteLength; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn()
    sum.update(bytes.subarray(at, at + HASH_STEP_BYTES))
  }
  return sum.digest('hex')
}

async function isKnown(store: Store, sha256: string): Promise<boolean> {
  const row = await store.db.selectFrom('media').select('id').where('sha256', '=', sha256).executeTakeFirst()
  return row !== undefined
}

/** A full or read-only disk ends the import even when the picture turned out unreadable. */
async function discard(store: Store, staging: Promise<StagedMedia>): Promise<void> {
  await store.vault.discard(await staging)
}

import { createHash } from 'node:crypto'
import type { Engine } from '../engine/types.ts'
import { AppError, reasonOf } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import { LEASEHOLDER } from '../store/leaseholder.ts'
import type { Store } from '../store/store.ts'
import { MAX_VIDEO_BYTES } from '../video/limits.ts'
import { readVideo, type Segment, type VideoProgress } from '../video/read-video.ts'
import { bytesOf, type VideoItem } from '../video/video-item.ts'
import { videoReadersOf } from '../video/video-readers.ts'
import { forgetProgress, loadProgress, saveProgress } from '../video/video-progress.ts'
import { holdLease, leaseEnd, type LeasedItem } from './lease.ts'
import type { WorkedItem } from './worked-item.ts'

export interface VideoTools {
  store: Store
  engine: Engine
  importId: string
  onProgress?: ((name: string, progress: VideoProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Reads a video from where an earlier reading of the same bytes got to, writing down how far it is after each segment, while
 * the original is written beside its place in the vault. Nothing of it counts before the commit. Closes the item.
 */
export async function workVideo(tools: VideoTools, item: LeasedItem, input: VideoItem): Promise<WorkedItem> {
  const release = holdLease(tools.store.db, item)
  try {
    const readers = videoReadersOf(tools.engine)
    return await readers.run(tools.importId, () => work(tools, item, input), tools.signal)
  } catch (error) {
    if (tools.signal?.aborted === true) return { item, outcome: 'stopped' }
    if (error instanceof AppError && ENDS_THE_IMPORT.has(error.code)) throw error
    return { item, outcome: 'failed', reason: 'engine_failed', detail: reasonOf(error) }
  } finally {
    await release()
    await input.close()
  }
}

/** What is wrong with the machine, not with the video: the next video would fare the same. */
const ENDS_THE_IMPORT: ReadonlySet<string> = new Set(['storage_full', 'storage_read_only', 'conflict'])

async function work(tools: VideoTools, item: LeasedItem, input: VideoItem): Promise<WorkedItem> {
  const { store, engine, signal } = tools
  signal?.throwIfAborted()
  if (input.byteLength > MAX_VIDEO_BYTES) {
    const detail = `It has ${Math.ceil(input.byteLength / 1024 ** 3)} GB; the limit MAX_VIDEO_BYTES is ${MAX_VIDEO_BYTES / 1024 ** 3} GB.`
    return { item, outcome: 'unreadable', reason: 'too_many_bytes', detail }
  }
  const sha256 = await sha256Of(input, signal)
  const known = await store.db
    .selectFrom('media')
    .select('id')
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  if (known !== undefined) return { item, outcome: 'known', sha256 }
  const { byteLength } = input
  const staging = store.vault.stageChunks({ sha256, byteLength, chunks: bytesOf(input) })
  // Its failure is met where it is awaited; until then it must not count as unhandled.
  staging.catch(() => undefined)
  try {
    const video = await readVideo(engine, {
      inputFd: input.file.fd,
      container: input.container,
      state: await loadProgress(store.db, sha256),
      onSegment: (segment) => writeSegment(tools, item, sha256, segment),
      onProgress: (progress) => tools.onProgress?.(item.name, progress),
      signal,
    })
    if (video.outcome === 'unreadable') {
      await store.vault.discard(await staging)
      await store.db.transaction().execute((tx) => forgetProgress(tx, sha256))
      return { item, outcome: 'unreadable', reason: video.reason, detail: video.detail }
    }
    await staging
    if (!(await input.isUnchanged())) {
      await store.vault.discard(await staging)
      const detail = 'It was written to while it was read; import it again when it is whole.'
      return { item, outcome: 'unreadable', reason: 'changed_since_listed', detail }
    }
    return { item, outcome: 'video', sha256, byteLength, staging, video }
  } catch (error) {
    await staging.then((staged) => store.vault.discard(staged)).catch(() => undefined)
    if (error instanceof AppError && error.code === 'video_decoder_missing') {
      return { item, outcome: 'failed', reason: error.code, detail: error.message }
    }
    throw error
  }
}

async function sha256Of(input: VideoItem, signal: AbortSignal | undefined): Promise<string> {
  const sum = createHash('sha256')
  for await (const piece of bytesOf(input)) {
    signal?.throwIfAborted()
    sum.update(piece)
  }
  return sum.digest('hex')
}

async function writeSegment(
  { store, importId }: VideoTools,
  item: LeasedItem,
  sha256: string,
  segment: Segment,
): Promise<void> {
  await store.db.transaction().execute(async (tx) => {
    // What has come this far was not what ended the process: its attempts begin anew.
    const { numUpdatedRows } = await tx
      .updateTable('import_item')
      .set({ leased_until: leaseEnd(), attempts: 1 })
      .where('seq', '=', item.seq)
      .where('leased_by', '=', LEASEHOLDER)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) {
      throw new AppError(
        'conflict',
        `${item.name} was taken over by another process, or is not wanted any more (${nowIso()}).`,
      )
    }
    await saveProgress(tx, sha256, { importId, ordinal: item.ordinal }, segment)
  })
}

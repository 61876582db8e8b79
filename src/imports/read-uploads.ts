import type { Logger } from 'pino'
import type { AccountActor, LocalOperator } from '../actor/actor.ts'
import type { LiveWork } from '../access/live-work.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import { runAsAccount } from '../background/run-as-account.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { claimTemplates } from '../store/active-templates.ts'
import type { Tx } from '../store/database/db.ts'
import type { UploadTable } from '../store/tables/import-tables.ts'
import { videoItemFrom } from '../video/video-item.ts'
import { MAX_ATTEMPTS } from './limits.ts'
import type { ItemBytes } from '../sources/source-item.ts'
import { ArchiveFault } from '../sources/web-archive/capture.ts'
import { commitItems } from './commit-items.ts'
import { type CommitTarget } from './commit-target.ts'
import { holdLease, returnLeases, type LeasedItem } from './lease.ts'
import { openUploadedArchive } from './open-archive.ts'
import { eraseUnusedParts, uploadedChunks } from '../uploads/upload-parts.ts'
import {
  claimUpload,
  endFilesOfArchives,
  endItem,
  endUpload,
  releaseLease,
  type ClaimedUpload,
} from './upload-queue.ts'
import { workItem } from './work-item.ts'
import { workOnArchive } from './work-on-archive.ts'

/** How often a process looks for files that others took in, or left. */
const LOOK_EVERY_MS = 1000
/** How often parts that no upload needs are looked for; first when the service starts. */
const CLEAR_EVERY_MS = 60 * 60 * 1000

/** Who ends the import of an account that may not any more. */
const READER: LocalOperator = { kind: 'operator', name: 'reader of uploads' }

interface ReaderContext extends Context, Pick<WorkContext, 'exif'> {
  readonly live: LiveWork
}

/**
 * What reads the files that came whole through the service: one video after another, and beside them one web archive after
 * another; several processes share them. It acts as the account that sent the file. Ended, or killed, it goes on where it
 * was. A file whose reading fails is said in its import and in the log; the next one is read. Beside them: what erases parts
 * that no upload needs any more.
 */
export function uploadLoops(
  ctx: ReaderContext,
  log: Logger,
  onTrouble: (error: unknown) => void,
): readonly WorkLoop[] {
  const clearing = new WorkLoop({
    everyMs: CLEAR_EVERY_MS,
    onTrouble,
    async step() {
      await eraseUnusedParts(ctx.store)
      return false
    },
  })
  return [readerLoop(ctx, log, onTrouble, true), readerLoop(ctx, log, onTrouble, false), clearing]
}

function readerLoop(
  ctx: ReaderContext,
  log: Logger,
  onTrouble: (error: unknown) => void,
  isVideo: boolean,
): WorkLoop {
  return new WorkLoop({
    everyMs: LOOK_EVERY_MS,
    onTrouble,
    async step(signal, works) {
      const claimed = await claimUpload(ctx, isVideo)
      if (claimed === undefined) return false
      works()
      try {
        await work(ctx, claimed, signal)
        return true
      } catch (error) {
        log.error({ upload: claimed.upload.id, reason: reasonOf(error) }, 'upload not read')
        return false
      }
    },
  })
}

async function work(
  ctx: ReaderContext,
  { upload, item }: ClaimedUpload,
  stopping: AbortSignal,
): Promise<void> {
  const { store } = ctx
  if (item.attempts > MAX_ATTEMPTS) {
    const detail = `It was begun ${MAX_ATTEMPTS} times and the process ended each time; it may be the cause.`
    return giveUp(ctx, upload, item, detail)
  }
  const release = holdLease(store.db, item)
  try {
    await runAsAccount(ctx, upload, stopping, (actor, signal) => read(ctx, { upload, item }, actor, signal))
  } catch (error) {
    const isOver = item.attempts >= MAX_ATTEMPTS || (error instanceof AppError && error.code === 'cut_off')
    await (isOver ? giveUp(ctx, upload, item, reasonOf(error)) : releaseLease(store.db, item))
    throw error
  } finally {
    await release()
  }
}

async function read(
  ctx: ReaderContext,
  { upload, item }: ClaimedUpload,
  actor: AccountActor,
  signal: AbortSignal,
): Promise<void> {
  const { store } = ctx
  const engine = await ctx.engine()
  await claimTemplates(store.db, engine)
  const row = await store.db
    .selectFrom('import')
    .selectAll()
    .where('id', '=', upload.import_id)
    .executeTakeFirstOrThrow()
  const collection = await store.db
    .selectFrom('collection')
    .selectAll()
    .where('id', '=', row.collection_id)
    .executeTakeFirstOrThrow()
  const target = { store, engine, actor, row, collection }
  const ending =
    upload.is_video === 1
      ? await readVideoUpload(ctx, target, { upload, item }, signal)
      : await readArchiveUpload(ctx, target, { upload, item }, signal)
  if (ending === undefined) await returnLeases(store.db, [item])
  else await endUpload(store, actor, upload, ending)
}

/** What is written when an upload came to its end. */
type Ending = (tx: Tx) => Promise<void>

/** @returns undefined when it was told to stop */
async function readVideoUpload(
  { store, engine, exif }: ReaderContext,
  target: CommitTarget,
  { upload, item }: ClaimedUpload,
  signal: AbortSignal,
): Promise<Ending | undefined> {
  const videos = { importId: upload.import_id, signal }
  const reader = {
    async read(): Promise<ItemBytes> {
      const video = await videoItemFrom(store, uploadedChunks(store, upload.id))
      if (video !== undefined) return { ok: true, video }
      const detail =
        'It is no video of a kind that is read (docs/video.md names them); convert it with ffmpeg.'
      return { ok: false, refusal: { reason: 'no_video', detail } }
    },
    close: async () => undefined,
  }
  const worked = await workItem({ store, engine: await engine(), exif, reader, videos }, item)
  if (worked.outcome === 'stopped') return undefined
  await commitItems(target, [worked])
  return async () => undefined
}

/** The same. What is wrong with the archive is said of its own item, which goes when there is nothing to say. */
async function readArchiveUpload(
  ctx: ReaderContext,
  target: CommitTarget,
  { upload, item }: ClaimedUpload,
  signal: AbortSignal,
): Promise<Ending | undefined> {
  try {
    const sha256 = upload.archive_sha256 ?? (await openUploadedArchive(ctx, target, upload, signal))
    if (!(await workOnArchive(ctx, target, sha256, signal))) return undefined
    // Its files stand for it from now on.
    return async (tx) => void (await tx.deleteFrom('import_item').where('seq', '=', item.seq).execute())
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof ArchiveFault)) throw error
    const { reason, message } = error
    const detail = `The archive cannot be read: ${message}.`
    return (tx) => endItem(tx, item, { state: 'unreadable', reason, detail })
  }
}

/** What an upload holds and was not taken in is listed as failed; what was stays. */
async function giveUp(
  { store }: ReaderContext,
  upload: UploadTable,
  item: LeasedItem,
  detail: string,
): Promise<void> {
  const ended = { state: 'failed' as const, reason: 'gave_up', detail }
  await endUpload(store, READER, upload, async (tx) => {
    await endItem(tx, item, ended)
    if (upload.is_video !== 1) await endFilesOfArchives(tx, upload.import_id, ended)
  })
}

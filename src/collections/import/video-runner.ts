import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LiveWork } from '../../access/live-work.ts'
import { accountActor } from '../../access/resolve-actor.ts'
import { appendAuditEvent } from '../../audit/append-event.ts'
import type { Context } from '../../context.ts'
import { AppError, reasonOf } from '../../errors.ts'
import { claimTemplates } from '../../store/active-templates.ts'
import { nowIso } from '../../store/ids.ts'
import { isDead, LEASEHOLDER } from '../../store/leaseholder.ts'
import type { Db } from '../../store/record.ts'
import type { VideoUploadTable } from '../../store/video-schema.ts'
import { eraseParts, forgetUpload } from '../../video/upload-parts.ts'
import { videoItemFrom } from '../../video/video-item.ts'
import { MAX_ATTEMPTS } from '../limits.ts'
import { ExifReader } from '../exif/exif-reader.ts'
import type { ItemBytes } from '../sources/source-item.ts'
import { commitItems } from './commit-items.ts'
import { countStates } from './import-status.ts'
import { leaseEnd, returnLeases, type LeasedItem } from './lease.ts'
import { workItem } from './work-item.ts'
import { VideoLane } from './work-video.ts'

/** How often a process looks for videos that came whole. */
const LOOK_EVERY_MS = 1000

interface RunnerContext extends Context {
  readonly reader: Db
  readonly live: LiveWork
}

/**
 * Reads the videos that came whole through the service, one after another, as long as it runs; several processes share them.
 * It acts as the account that sent the video, with what that account may do now. Ended, or killed, it goes on where it was.
 */
export class VideoRunner {
  readonly #ctx: RunnerContext
  readonly #log: Logger
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(ctx: RunnerContext, log: Logger) {
    this.#ctx = ctx
    this.#log = log
    this.#running = this.#run()
  }

  /** Ends after what is under way; what was read so far is kept. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const claimed = await this.#claim().catch((error: unknown) => {
        this.#log.error({ reason: reasonOf(error) }, 'videos not readable')
        return undefined
      })
      if (claimed === undefined) await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      else await this.#work(claimed.upload, claimed.item)
    }
  }

  /** Takes the video that waits longest and that nobody works on. */
  async #claim(): Promise<{ upload: VideoUploadTable; item: LeasedItem } | undefined> {
    const { db } = this.#ctx.store
    const waiting = await waitingVideos(this.#ctx.reader)
    if (waiting.length === 0) return undefined
    return db.transaction().execute(async (tx) => {
      const now = nowIso()
      for (const { uploadId, seq } of waiting) {
        const upload = await tx
          .selectFrom('video_upload')
          .selectAll()
          .where('id', '=', uploadId)
          .executeTakeFirst()
        const row = await tx.selectFrom('import_item').selectAll().where('seq', '=', seq).executeTakeFirst()
        if (upload === undefined || row === undefined || row.state !== 'waiting') continue
        const { leased_by: holder, leased_until: until } = row
        if (holder !== null && until !== null && until > now && !isDead(holder)) continue
        const attempts = row.attempts + 1
        const lease = { leased_by: LEASEHOLDER, leased_until: leaseEnd(), attempts }
        await tx.updateTable('import_item').set(lease).where('seq', '=', seq).execute()
        const { ordinal, claims } = row
        return { upload, item: { seq, ordinal, name: upload.name, claims, attempts } }
      }
      return undefined
    })
  }

  async #work(upload: VideoUploadTable, item: LeasedItem): Promise<void> {
    const { store, reader, live } = this.#ctx
    try {
      const { request_id: requestId, address, account_id: accountId } = upload
      const actor = await accountActor(reader, accountId, {
        via: { kind: 'job', id: upload.id },
        requestId,
        address,
      })
      const work = live.begin(actor)
      try {
        const signal = AbortSignal.any([this.#stopping.signal, work.signal])
        await this.#read(upload, item, actor, signal)
        if (work.signal.aborted) throw new AppError('cut_off', 'The account that sent it was suspended.')
      } finally {
        work.done()
      }
    } catch (error) {
      this.#log.error({ upload: upload.id, reason: reasonOf(error) }, 'video not read')
      const isOver = item.attempts >= MAX_ATTEMPTS || (error instanceof AppError && error.code === 'cut_off')
      await (isOver ? this.#giveUp(upload, item, reasonOf(error)) : returnLeases(store.db, [item])).catch(
        () => undefined,
      )
      await delay(LOOK_EVERY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  async #read(
    upload: VideoUploadTable,
    item: LeasedItem,
    actor: Awaited<ReturnType<typeof accountActor>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#ctx
    const engine = await this.#ctx.engine()
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
    const exif = new ExifReader()
    const videos = { importId: row.id, lane: new VideoLane(), signal }
    const reader = { read: () => this.#bytesOf(upload), close: async () => undefined }
    try {
      const worked = await workItem({ store, engine, exif, reader, videos }, item)
      if (worked.outcome === 'stopped') {
        await returnLeases(store.db, [item])
        return
      }
      await commitItems({ store, engine, actor, row, collection }, [worked])
    } finally {
      await exif.close()
    }
    await store.db.transaction().execute(async (tx) => {
      await forgetUpload(tx, upload.id)
      const { waiting, ...counts } = await countStates(tx, row.id)
      const { closed_at: closed } = await tx
        .selectFrom('import')
        .select('closed_at')
        .where('id', '=', row.id)
        .executeTakeFirstOrThrow()
      if (waiting > 0 || (closed ?? null) === null) return
      await tx.updateTable('import').set({ finished_at: nowIso() }).where('id', '=', row.id).execute()
      await appendAuditEvent(tx, actor, {
        action: 'import.finish',
        agencyId: collection.agency_id,
        subject: `import ${row.id}`,
        details: counts,
      })
    })
    await eraseParts(store)
  }

  async #bytesOf(upload: VideoUploadTable): Promise<ItemBytes> {
    const { db, uploads } = this.#ctx.store
    const parts = await db
      .selectFrom('video_upload_part')
      .select('sha256')
      .where('upload_id', '=', upload.id)
      .orderBy('at')
      .execute()
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (const { sha256 } of parts) yield* uploads.chunks(sha256)
    }
    const video = await videoItemFrom(this.#ctx.store, chunks())
    if (video !== undefined) return { ok: true, video }
    const detail = 'It is no video of a kind that is read: MP4, MOV, 3GP, MKV, WebM, AVI, MPEG-TS.'
    return { ok: false, refusal: { reason: 'no_video', detail } }
  }

  async #giveUp(upload: VideoUploadTable, { seq }: LeasedItem, detail: string): Promise<void> {
    await this.#ctx.store.db.transaction().execute(async (tx) => {
      const ended = {
        state: 'failed' as const,
        reason: 'gave_up',
        detail,
        leased_by: null,
        leased_until: null,
      }
      await tx
        .updateTable('import_item')
        .set({ ...ended, finished_at: nowIso() })
        .where('seq', '=', seq)
        .execute()
      await forgetUpload(tx, upload.id)
    })
    await eraseParts(this.#ctx.store)
  }
}

async function waitingVideos(db: Db): Promise<{ uploadId: string; seq: number }[]> {
  const rows = await db
    .selectFrom('video_upload')
    .innerJoin('import_item', (join) =>
      join
        .onRef('import_item.import_id', '=', 'video_upload.import_id')
        .onRef('import_item.name', '=', 'video_upload.name'),
    )
    .select(['video_upload.id as uploadId', 'import_item.seq'])
    .where('video_upload.finished_at', 'is not', null)
    .where('import_item.state', '=', 'waiting')
    .orderBy('video_upload.id')
    .execute()
  return rows
}

import { hash } from 'node:crypto'
import type { AccountActor } from '../../access/actor.ts'
import { authorize } from '../../access/policy.ts'
import { appendAuditEvent } from '../../audit/append-event.ts'
import type { Context } from '../../context.ts'
import { VIDEO_PART_BYTES } from '../../contract/video-endpoints.ts'
import { AppError } from '../../errors.ts'
import { newId, nowIso } from '../../store/ids.ts'
import type { Db, Tx } from '../../store/record.ts'
import type { ImportItemState } from '../../store/schema.ts'
import type { VideoUploadTable } from '../../store/video-schema.ts'
import { MAX_VIDEO_BYTES } from '../../video/limits.ts'
import { forgetUpload } from '../../video/upload-parts.ts'
import type { Claims } from '../sources/source-item.ts'
import { leaseItem, openImport } from './open-upload.ts'

/** Videos of one agency that are on their way at once. */
const MAX_ON_THE_WAY = 100

export interface VideoUpload {
  id: string
  received: number
  byteLength: number
  isComplete: boolean
}

/**
 * [Note: video uploads]
 * A video is sent in parts, each kept (encrypted where originals are) and acknowledged on its own, so that a line that breaks
 * costs a part and not the video, and the service never holds more than a part in memory. After the last part it waits for
 * the service's own reader: whoever sent it may go. See docs/decisions/video-upload.md.
 */
export async function beginVideo(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { importId: string; name: string; byteLength: number; claims: Claims },
): Promise<VideoUpload> {
  authorize(actor, 'collection.import')
  if (input.byteLength > MAX_VIDEO_BYTES) {
    throw new AppError(
      'limit_exceeded',
      `The video has more than MAX_VIDEO_BYTES, ${MAX_VIDEO_BYTES / 1024 ** 3} GB.`,
    )
  }
  return ctx.store.db.transaction().execute(async (tx) => {
    const { row, collection } = await openImport(tx, actor, input.importId)
    const known = await tx
      .selectFrom('video_upload')
      .selectAll()
      .where('import_id', '=', row.id)
      .where('name', '=', input.name)
      .executeTakeFirst()
    if (known?.byte_length === input.byteLength) return shown(known)
    // Another video under the same name: the earlier one is not what is wanted any more.
    if (known !== undefined && known.finished_at === null) await forgetUpload(tx, known.id)
    else if (known !== undefined)
      throw new AppError('conflict', 'A video of this name is being read already.')
    const { count } = await tx
      .selectFrom('video_upload')
      .innerJoin('import', 'import.id', 'video_upload.import_id')
      .innerJoin('collection', 'collection.id', 'import.collection_id')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('collection.agency_id', '=', collection.agency_id)
      .executeTakeFirstOrThrow()
    if (count >= MAX_ON_THE_WAY) {
      throw new AppError(
        'limit_exceeded',
        `${MAX_ON_THE_WAY} videos of your agency are on their way. Wait for some of them.`,
      )
    }
    const upload: VideoUploadTable = {
      id: newId(),
      import_id: row.id,
      name: input.name,
      claims: Object.keys(input.claims).length === 0 ? null : JSON.stringify(input.claims),
      byte_length: input.byteLength,
      received: 0,
      account_id: actor.accountId,
      request_id: actor.requestId,
      address: actor.address,
      started_at: nowIso(),
      finished_at: null,
    }
    await tx.insertInto('video_upload').values(upload).execute()
    await appendAuditEvent(tx, actor, {
      action: 'import.video',
      agencyId: collection.agency_id,
      subject: `import ${row.id}`,
      details: { upload: upload.id, bytes: upload.byte_length },
    })
    return shown(upload)
  })
}

/**
 * Keeps the next part; it is on the disk when this returns. A part that came before is passed over.
 * @throws AppError `conflict` when parts before it are missing, `limit_exceeded` for a part or an end that is too large
 */
export async function sendVideoPart(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; at: number; bytes: Uint8Array },
): Promise<VideoUpload> {
  authorize(actor, 'collection.import')
  const { db, uploads } = ctx.store
  const { at, bytes } = input
  const before = await ownUpload(db, actor, input.id)
  if (bytes.byteLength > VIDEO_PART_BYTES) {
    throw new AppError('limit_exceeded', `A part has at most VIDEO_PART_BYTES, ${VIDEO_PART_BYTES} bytes.`)
  }
  if (before.received >= at + bytes.byteLength) return shown(before)
  if (before.received !== at) {
    throw new AppError('conflict', `The next part begins at ${before.received}, not at ${at}.`)
  }
  if (at + bytes.byteLength > before.byte_length) {
    throw new AppError('limit_exceeded', `The video was announced with ${before.byte_length} bytes.`)
  }
  const sha256 = hash('sha256', bytes)
  const staged = await uploads.stage(bytes, sha256)
  return db.transaction().execute(async (tx) => {
    const upload = await ownUpload(tx, actor, input.id)
    if (upload.received !== at) {
      await uploads.discard(staged)
      return shown(upload)
    }
    // Inside the write lock: nobody takes the bytes away between here and the row that leads to them.
    await uploads.publish([staged])
    const part = { upload_id: upload.id, at, byte_length: bytes.byteLength, sha256 }
    await tx.insertInto('video_upload_part').values(part).execute()
    const received = at + bytes.byteLength
    await tx.updateTable('video_upload').set({ received }).where('id', '=', upload.id).execute()
    return shown({ ...upload, received })
  })
}

/** Says that it came whole: from now on the service's own reader works on it. @throws AppError `conflict` when it did not */
export async function finishVideo(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<{ name: string; state: ImportItemState }> {
  authorize(actor, 'collection.import')
  return ctx.store.db.transaction().execute(async (tx) => {
    const upload = await ownUpload(tx, actor, input.id)
    if (upload.received < upload.byte_length) {
      throw new AppError(
        'conflict',
        `Of ${upload.byte_length} bytes ${upload.received} have come; send the rest first.`,
      )
    }
    if (upload.finished_at === null) {
      const { row } = await openImport(tx, actor, upload.import_id)
      const claims = (upload.claims === null ? {} : JSON.parse(upload.claims)) as Claims
      const item = await leaseItem(tx, row.id, upload.name, claims)
      if (item === undefined) {
        await forgetUpload(tx, upload.id)
      } else {
        const free = { leased_by: null, leased_until: null, attempts: 0 }
        await tx.updateTable('import_item').set(free).where('seq', '=', item.seq).execute()
        await tx
          .updateTable('video_upload')
          .set({ finished_at: nowIso() })
          .where('id', '=', upload.id)
          .execute()
      }
    }
    const { state } = await tx
      .selectFrom('import_item')
      .select('state')
      .where('import_id', '=', upload.import_id)
      .where('name', '=', upload.name)
      .executeTakeFirstOrThrow()
    return { name: upload.name, state }
  })
}

/** Gives up videos of an import that did not come whole. @returns whether others are still to be read */
export async function closeVideos(tx: Tx, importId: string): Promise<boolean> {
  const uploads = await tx
    .selectFrom('video_upload')
    .select(['id', 'finished_at'])
    .where('import_id', '=', importId)
    .execute()
  for (const { id, finished_at: finished } of uploads) {
    if (finished === null) await forgetUpload(tx, id)
  }
  return uploads.some(({ finished_at: finished }) => finished !== null)
}

function shown({
  id,
  received,
  byte_length: byteLength,
  finished_at: finished,
}: VideoUploadTable): VideoUpload {
  return { id, received, byteLength, isComplete: finished !== null }
}

async function ownUpload(db: Db, actor: AccountActor, id: string): Promise<VideoUploadTable> {
  const upload = await db.selectFrom('video_upload').selectAll().where('id', '=', id).executeTakeFirst()
  if (upload === undefined) {
    throw new AppError('not_found', 'There is no such video on its way; begin to send it again.')
  }
  await openImport(db, actor, upload.import_id)
  return upload
}

import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { Context } from '../context.ts'
import { PART_BYTES } from '../contract/part-bytes.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { ImportItemState } from '../store/tables/import-tables.ts'
import { requireRoom } from '../store/vault/storage-quota.ts'
import type { Store } from '../store/store.ts'
import type { UploadTable } from '../store/tables/import-tables.ts'
import { CONTAINER_HEAD_BYTES, sniffContainer } from '../video/sniff-container.ts'
import { MAX_ON_THE_WAY, MAX_UPLOAD_BYTES } from './limits.ts'
import type { Claims } from '../sources/claims.ts'
import { leaseItem, openImport } from './open-upload.ts'
import { eraseParts, forgetUpload } from '../uploads/upload-parts.ts'

export interface Upload {
  id: string
  received: number
  byteLength: number
  isComplete: boolean
}

/**
 * [Note: sending in parts]
 * A video or a web archive is sent in parts, each kept (encrypted where originals are) and acknowledged on its own, so that a
 * line that breaks costs a part and not the file, and the service never holds more than a part in memory. After the last
 * part it waits for the service's own reader, which sees by its content what it is: whoever sent it may go. See
 * docs/decisions/sending-in-parts.md.
 */
export async function beginUpload(
  ctx: Pick<WorkContext, 'store' | 'agencyQuotaBytes'>,
  actor: AccountActor,
  input: { importId: string; name: string; byteLength: number; claims: Claims },
): Promise<Upload> {
  authorize(actor, 'collection.import')
  if (input.byteLength > MAX_UPLOAD_BYTES) {
    throw new AppError(
      'limit_exceeded',
      `The file has more than MAX_UPLOAD_BYTES, ${MAX_UPLOAD_BYTES / 1024 ** 3} GB.`,
    )
  }
  const replaced: string[] = []
  const begun = await ctx.store.db.transaction().execute(async (tx) => {
    const { row, collection } = await openImport(tx, actor, input.importId)
    const known = await tx
      .selectFrom('upload')
      .selectAll()
      .where('import_id', '=', row.id)
      .where('name', '=', input.name)
      .executeTakeFirst()
    const { byteLength } = input
    if (known?.byte_length === byteLength) return shown(known)
    const archiveId = await openedArchive(tx, row.id, input)
    if (archiveId !== undefined) return { id: archiveId, received: byteLength, byteLength, isComplete: true }
    // Another file under the same name: the earlier one is not what is wanted any more.
    if (known !== undefined && known.finished_at === null)
      replaced.push(...(await forgetUpload(tx, known.id)))
    else if (known !== undefined) throw new AppError('conflict', 'A file of this name is being read already.')
    const { count } = await tx
      .selectFrom('upload')
      .innerJoin('import', 'import.id', 'upload.import_id')
      .innerJoin('collection', 'collection.id', 'import.collection_id')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('collection.agency_id', '=', collection.agency_id)
      .executeTakeFirstOrThrow()
    if (count >= MAX_ON_THE_WAY) {
      throw new AppError(
        'limit_exceeded',
        `${MAX_ON_THE_WAY} files of your agency are on their way, as many as MAX_ON_THE_WAY allows. Wait for some of them.`,
      )
    }
    const room = { agencyId: collection.agency_id, bytes: byteLength }
    await requireRoom(tx, ctx.agencyQuotaBytes, room)
    const upload: UploadTable = {
      id: newId(),
      import_id: row.id,
      name: input.name,
      claims: Object.keys(input.claims).length === 0 ? null : JSON.stringify(input.claims),
      byte_length: byteLength,
      received: 0,
      account_id: actor.accountId,
      request_id: actor.requestId,
      address: actor.address,
      started_at: nowIso(),
      finished_at: null,
      is_video: null,
      archive_sha256: null,
    }
    await tx.insertInto('upload').values(upload).execute()
    await appendAuditEvent(tx, actor, {
      action: 'import.upload',
      agencyId: collection.agency_id,
      subject: `import ${row.id}`,
      details: { upload: upload.id, bytes: upload.byte_length },
    })
    return shown(upload)
  })
  await eraseParts(ctx.store, replaced)
  return begun
}

/**
 * Keeps the next part; it is on the disk when this returns. A part that came before is passed over.
 * @throws AppError `conflict` when parts before it are missing, `limit_exceeded` for a part or an end that is too large
 */
export async function sendPart(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; at: number; bytes: Uint8Array },
): Promise<Upload> {
  authorize(actor, 'collection.import')
  const { db, uploads } = ctx.store
  const { at, bytes } = input
  const before = await ownUpload(db, actor, input.id)
  if (bytes.byteLength > PART_BYTES) {
    throw new AppError('limit_exceeded', `A part has at most PART_BYTES, ${PART_BYTES} bytes.`)
  }
  if (before.received >= at + bytes.byteLength) return shown(before)
  if (before.received !== at) {
    throw new AppError('conflict', `The next part begins at ${before.received}, not at ${at}.`)
  }
  if (at + bytes.byteLength > before.byte_length) {
    throw new AppError('limit_exceeded', `The file was announced with ${before.byte_length} bytes.`)
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
    await tx.insertInto('upload_part').values(part).execute()
    const received = at + bytes.byteLength
    await tx.updateTable('upload').set({ received }).where('id', '=', upload.id).execute()
    return shown({ ...upload, received })
  })
}

/** Says that it came whole: from now on the service's own reader works on it. @throws AppError `conflict` when it did not */
export async function finishUpload(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<{ name: string; state: ImportItemState }> {
  authorize(actor, 'collection.import')
  const isVideo = await beginsAsVideo(ctx.store, input.id)
  const needless: string[] = []
  const ended = await ctx.store.db.transaction().execute(async (tx) => {
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
        needless.push(...(await forgetUpload(tx, upload.id)))
      } else {
        const free = { leased_by: null, leased_until: null, attempts: 0 }
        await tx.updateTable('import_item').set(free).where('seq', '=', item.seq).execute()
        await tx
          .updateTable('upload')
          .set({ finished_at: nowIso(), is_video: isVideo ? 1 : 0 })
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
  await eraseParts(ctx.store, needless)
  return ended
}

async function beginsAsVideo({ db, uploads }: Store, id: string): Promise<boolean> {
  const first = await db
    .selectFrom('upload_part')
    .select(['sha256', 'byte_length'])
    .where('upload_id', '=', id)
    .where('at', '=', 0)
    .executeTakeFirst()
  if (first === undefined) return false
  const head = await uploads.readRange(first.sha256, 0, Math.min(CONTAINER_HEAD_BYTES, first.byte_length))
  return sniffContainer(head) !== undefined
}

/** Gives up files of an import that did not come whole. @returns whether others are still to be read, and parts for `eraseParts` */
export async function closeUploads(
  tx: Tx,
  importId: string,
): Promise<{ isReading: boolean; parts: string[] }> {
  const uploads = await tx
    .selectFrom('upload')
    .select(['id', 'finished_at'])
    .where('import_id', '=', importId)
    .execute()
  const parts: string[] = []
  for (const { id, finished_at: finished } of uploads) {
    if (finished === null) parts.push(...(await forgetUpload(tx, id)))
  }
  return { isReading: uploads.some(({ finished_at: finished }) => finished !== null), parts }
}

/** An archive of this name and length that the same import opened already. */
async function openedArchive(
  tx: Tx,
  importId: string,
  { name, byteLength }: { name: string; byteLength: number },
): Promise<string | undefined> {
  const archive = await tx
    .selectFrom('archive_file')
    .select('id')
    .where('import_id', '=', importId)
    .where('name', '=', name)
    .where('byte_length', '=', byteLength)
    .executeTakeFirst()
  return archive?.id
}

function shown({ id, received, byte_length: byteLength, finished_at: finished }: UploadTable): Upload {
  return { id, received, byteLength, isComplete: finished !== null }
}

async function ownUpload(db: Db, actor: AccountActor, id: string): Promise<UploadTable> {
  const upload = await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
  if (upload === undefined) {
    throw new AppError('not_found', 'There is no such file on its way; begin to send it again.')
  }
  await openImport(db, actor, upload.import_id)
  return upload
}

import { createHash, type Hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AccountActor } from '../../access/actor.ts'
import { authorize } from '../../access/policy.ts'
import { appendAuditEvent } from '../../audit/append-event.ts'
import type { WorkContext } from '../../cases/work-context.ts'
import type { Context } from '../../context.ts'
import { MAX_UPLOADED_ARCHIVE_BYTES } from '../../contract/import-endpoints.ts'
import { AppError } from '../../errors.ts'
import { claimTemplates } from '../../store/active-templates.ts'
import type { Verdict, ArchiveKind } from '../../store/archive-schema.ts'
import type { StagedMedia } from '../../store/media-vault.ts'
import type { Db } from '../../store/record.ts'
import { ExifReader } from '../exif/exif-reader.ts'
import { refusedBytes, type ItemReader, type ListedItem } from '../sources/source-item.ts'
import type { ArchiveLocation } from '../sources/web-archive/archive-messages.ts'
import { ArchiveThread } from '../sources/web-archive/archive-thread.ts'
import { ArchiveFault, type ArchiveFacts, type Capture } from '../sources/web-archive/capture.ts'
import { surveyedItems, surveyedRecords } from '../sources/web-archive/web-archive-source.ts'
import { commitItems } from './commit-items.ts'
import { describeImport, type UploadImport } from './import-uploads.ts'
import { keepArchive } from './keep-archive.ts'
import { leaseItems, returnLeases } from './lease.ts'
import { MAX_UPLOADS, openImport } from './open-upload.ts'
import { LIST_ROWS } from './pace.ts'
import { itemRow } from './start-import.ts'
import { workItem, type WorkedItem } from './work-item.ts'
import { VideoLane } from './work-video.ts'

/**
 * [Note: archives that are sent]
 * An archive comes in pieces, each sealed beside the vault as any original is, so that nothing of it ever stands readable
 * on the disk. Which pieces there are is held in memory: a service that is started again asks for the first one. Once it is
 * whole it is an original like those that the command keeps, and its media are items of the import.
 */
interface Sending {
  accountId: string
  parts: StagedMedia[]
  received: number
  sum: Hash
  /** Pieces are taken one after another. */
  tail: Promise<unknown>
}

/** Archives that are being sent at once. */
const MAX_SENDINGS = 8
/** Hashing goes on in steps of this size, so that it does not hold up the event loop. */
const HASH_STEP_BYTES = 2 * 1024 * 1024
/** How long one request works on; the client asks again. */
const WORK_MS = 4000
/** Items taken into one commit of it. */
const WORK_ITEMS = 8

const sendings = new Map<string, Sending>()

/** Takes a piece when it is the one that is due. @throws AppError `busy`, `limit_exceeded`, as `takeUpload` */
export async function takeArchivePart(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { importId: string; at: number; bytes: Uint8Array },
): Promise<{ received: number }> {
  authorize(actor, 'collection.import')
  await openImport(ctx.store.db, actor, input.importId)
  if (input.at === 0) await forget(ctx, input.importId)
  let sending = sendings.get(input.importId)
  if (sending === undefined) {
    if (input.at > 0) return { received: 0 }
    if (sendings.size >= MAX_SENDINGS)
      throw new AppError('busy', 'Other archives are being sent; try again when one of them is done.')
    sending = {
      accountId: actor.accountId,
      parts: [],
      received: 0,
      sum: createHash('sha256'),
      tail: Promise.resolve(),
    }
    sendings.set(input.importId, sending)
  }
  const { tail } = sending
  const taken = tail.then(() => takePart(ctx, sending, input))
  sending.tail = taken.catch(() => undefined)
  return taken
}

async function takePart(
  ctx: Pick<Context, 'store'>,
  sending: Sending,
  { at, bytes }: { at: number; bytes: Uint8Array },
): Promise<{ received: number }> {
  if (at !== sending.received) return { received: sending.received }
  if (sending.received + bytes.byteLength > MAX_UPLOADED_ARCHIVE_BYTES)
    throw new AppError(
      'limit_exceeded',
      `An archive that is sent has at most MAX_UPLOADED_ARCHIVE_BYTES, ${MAX_UPLOADED_ARCHIVE_BYTES / 1024 ** 3} GB; import it with the command where the record is.`,
    )
  const part = createHash('sha256')
  for (let from = 0; from < bytes.byteLength; from += HASH_STEP_BYTES) {
    if (from > 0) await nextTurn()
    part.update(bytes.subarray(from, from + HASH_STEP_BYTES))
    sending.sum.update(bytes.subarray(from, from + HASH_STEP_BYTES))
  }
  sending.parts.push(await ctx.store.vault.stage(bytes, part.digest('hex')))
  sending.received += bytes.byteLength
  return { received: sending.received }
}

export interface OpenedArchive {
  kind: ArchiveKind
  files: number
  pages: number
  packageVerdict: Verdict
  signatureVerdict: Verdict
  problems: string[]
}

/**
 * Makes the pieces one original, surveys it in its thread, keeps it, and lists its media as items that wait.
 * @throws AppError `conflict` when bytes are missing, `unreadable_input` naming what is wrong with it, `limit_exceeded`
 */
export async function openArchive(
  ctx: WorkContext,
  actor: AccountActor,
  input: { importId: string; name: string; bytes: number },
): Promise<OpenedArchive> {
  authorize(actor, 'collection.import')
  const { store } = ctx
  const { row, collection } = await openImport(store.db, actor, input.importId)
  const sending = sendings.get(row.id)
  await sending?.tail
  if (sending === undefined || sending.received !== input.bytes)
    throw new AppError(
      'conflict',
      `The service has ${sending?.received ?? 0} of ${input.bytes} bytes; send the rest first.`,
    )
  const thread = new ArchiveThread()
  try {
    const sha256 = sending.sum.copy().digest('hex')
    const known = await findOpened(store.db, row.id, sha256)
    if (known !== undefined) {
      await forget(ctx, row.id)
      return known
    }
    if (!(await store.vault.has(sha256)))
      await store.vault.publish([await store.vault.stageParts(sending.parts, sha256, sending.received)])
    await forget(ctx, row.id)
    const location = locate(ctx, thread, sha256, input.bytes)
    const kind = await thread.ask('detect', { location })
    if (kind === undefined)
      throw new ArchiveFault('damaged_archive', 'it is no WARC, WACZ, MHTML or saved page')
    const facts = await thread.ask('survey', { location, kind, name: input.name })
    await keepArchive(ctx, { importId: row.id, collectionId: collection.id }, facts, surveyedRecords(thread))
    const files = await listItems(ctx, row.id, surveyedItems(thread))
    await noteOpening(store.db, actor, { importId: row.id, agencyId: collection.agency_id, facts, files })
    const { pages, packageVerdict, signatureVerdict, problems } = facts
    return { kind, files, pages, packageVerdict, signatureVerdict, problems }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    throw new AppError('unreadable_input', `The archive cannot be read: ${error.message}.`, { cause: error })
  } finally {
    await thread.close()
  }
}

/** The same archive sent again, after a reply that was lost or an import that was left: it is not listed twice. */
async function findOpened(db: Db, importId: string, sha256: string): Promise<OpenedArchive | undefined> {
  const archive = await db
    .selectFrom('archive_file')
    .selectAll()
    .where('import_id', '=', importId)
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  if (archive === undefined) return undefined
  const { count } = await db
    .selectFrom('import_item')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('import_id', '=', importId)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return {
    kind: archive.kind,
    files: count,
    pages: archive.pages,
    packageVerdict: archive.package_verdict,
    signatureVerdict: archive.signature_verdict,
    problems: JSON.parse(archive.problems) as string[],
  }
}

/** Takes waiting items in for `WORK_MS`. @throws AppError as `takeUpload` */
export async function workOnArchive(
  ctx: WorkContext,
  actor: AccountActor,
  input: { importId: string; signal: AbortSignal },
): Promise<UploadImport> {
  authorize(actor, 'collection.import')
  const { store } = ctx
  const { row, collection } = await openImport(store.db, actor, input.importId)
  const engine = await ctx.engine()
  const exif = new ExifReader()
  const reader = vaultReader(ctx, row.id)
  const videos = { importId: row.id, lane: new VideoLane(), signal: input.signal }
  const untilMs = performance.now() + WORK_MS
  try {
    await claimTemplates(store.db, engine)
    for (let isDone = false; !isDone && performance.now() < untilMs && !input.signal.aborted;) {
      isDone = await ctx.gate.run(async () => {
        const leased = await leaseItems(store.db, row.id)
        const own = leased.slice(0, WORK_ITEMS)
        await returnLeases(store.db, leased.slice(WORK_ITEMS))
        if (own.length === 0) return true
        const worked: WorkedItem[] = []
        for (const item of own) worked.push(await workItem({ store, engine, exif, reader, videos }, item))
        await commitItems({ store, engine, actor, row, collection }, worked)
        return false
      }, input.signal)
    }
  } finally {
    await reader.close()
    await exif.close()
  }
  return describeImport(store.db, row)
}

/** Takes the pieces of an archive that is not needed any more off the disk. */
async function forget(ctx: Pick<Context, 'store'>, importId: string): Promise<void> {
  const sending = sendings.get(importId)
  sendings.delete(importId)
  for (const part of sending?.parts ?? []) await ctx.store.vault.discard(part)
}

function locate(
  ctx: Pick<Context, 'store'>,
  thread: ArchiveThread,
  sha256: string,
  byteLength: number,
): ArchiveLocation {
  return {
    vault: thread.offer((from, length) => ctx.store.vault.readRange(sha256, from, length)),
    byteLength,
  }
}

async function listItems(
  ctx: Pick<Context, 'store'>,
  importId: string,
  items: AsyncGenerator<ListedItem>,
): Promise<number> {
  const { db } = ctx.store
  let files = 0
  let batch: ListedItem[] = []
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    await db.transaction().execute(async (tx) => {
      const { count } = await tx
        .selectFrom('import_item')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('import_id', '=', importId)
        .executeTakeFirstOrThrow()
      if (count + batch.length > MAX_UPLOADS)
        throw new AppError('limit_exceeded', `An import has at most ${MAX_UPLOADS} files.`)
      const rows = batch.map((item, at) => itemRow(importId, count + at, item))
      await tx.insertInto('import_item').values(rows).execute()
    })
    ctx.store.record.checkpointWhenDue()
    batch = []
  }
  for await (const item of items) {
    batch.push(item)
    files += 1
    if (batch.length >= LIST_ROWS) await flush()
  }
  await flush()
  return files
}

async function noteOpening(
  db: Db,
  actor: AccountActor,
  {
    importId,
    agencyId,
    facts,
    files,
  }: { importId: string; agencyId: string; facts: ArchiveFacts; files: number },
): Promise<void> {
  const { kind, sha256, records, pages, packageVerdict, signatureVerdict } = facts
  await db.transaction().execute((tx) =>
    appendAuditEvent(tx, actor, {
      action: 'import.archive',
      agencyId,
      subject: `import ${importId}`,
      details: { kind, sha256, records, pages, files, packageVerdict, signatureVerdict },
    }),
  )
}

/** Reads items out of the archives of an import that stand in the vault. */
function vaultReader(ctx: Pick<Context, 'store'>, importId: string): ItemReader {
  const thread = new ArchiveThread()
  const locations = new Map<string, Promise<ArchiveLocation | undefined>>()
  const locationOf = async (sha256: string): Promise<ArchiveLocation | undefined> => {
    const archive = await ctx.store.db
      .selectFrom('archive_file')
      .select('byte_length')
      .where('import_id', '=', importId)
      .where('sha256', '=', sha256)
      .executeTakeFirst()
    return archive === undefined ? undefined : locate(ctx, thread, sha256, archive.byte_length)
  }
  const read = async (capture: Capture | undefined) => {
    const sha256 = capture?.archive
    if (sha256 === undefined || capture?.place === undefined) return undefined
    const location = locations.get(sha256) ?? locationOf(sha256)
    locations.set(sha256, location)
    const found = await location
    if (found === undefined) return undefined
    const kind = capture.place.length === undefined ? ('warc' as const) : ('mhtml' as const)
    return thread.ask('read', {
      location: found,
      kind,
      place: capture.place,
      surveyed: capture.digest.verdict,
    })
  }
  return {
    async read(_ordinal, _name, capture) {
      try {
        const bytes = await read(capture)
        return bytes === undefined
          ? refusedBytes('read_failed', 'It was not sent to its end; send it again.')
          : { ok: true, bytes }
      } catch (error) {
        if (!(error instanceof ArchiveFault)) throw error
        return refusedBytes(error.reason, `It cannot be read from its archive: ${error.message}.`)
      }
    },
    close: () => thread.close(),
  }
}

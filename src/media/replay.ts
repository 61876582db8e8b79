import type { Context } from '../context.ts'
import { ConcurrencyLimit } from '../concurrency/concurrency-limit.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ArchiveFileTable } from '../store/tables/archive-tables.ts'
import { ArchiveThread } from '../sources/web-archive/archive-thread.ts'
import { ArchiveFault, type Capture, type IndexedRecord, type Place } from '../sources/web-archive/capture.ts'

/** Each round looks up what the round before found out that the page needs: pages, stylesheets, what those name. */
const MAX_ROUNDS = 6
/** Addresses that a page may need. */
const MAX_ADDRESSES = 5000
const LOOKED_UP_AT_ONCE = 200
/** Pages that are rendered at once; each has a thread of its own. */
const MAX_AT_ONCE = 2

/** Nobody waits: who finds all places taken is told so at once. */
const replays = new ConcurrencyLimit({
  places: MAX_AT_ONCE,
  mostWaiting: 0,
  refusal: () => new AppError('busy', 'Other archived pages are being shown; try again in a moment.'),
})

export interface ReplayInput {
  sourceId: string
  /** Which of the pages that the picture stood on, from 0. */
  page: number
  showsPictures: boolean
  signal: AbortSignal
}

export interface ReplayedPage {
  html: string
  url: string
  archiveId: string
}

/**
 * The page that a picture stood on, as its archive holds it: one document that needs nothing from anywhere, see
 * docs/decisions/replay.md. Whether somebody may see it is settled by whoever calls, and written down there.
 * @throws AppError `not_found`, `unreadable_input`, `busy`
 */
export async function replayPage(ctx: Pick<Context, 'store'>, input: ReplayInput): Promise<ReplayedPage> {
  const { db } = ctx.store
  const { capture, archive } = await captureOf(db, input.sourceId)
  const wanted = capture.pages[input.page]
  if (wanted === undefined)
    throw new AppError('not_found', 'It is not known on which page the picture stood.')
  const page = await recordFor(db, archive.id, wanted.url, capture.capturedAt)
  if (page === undefined) throw new AppError('not_found', 'The archive does not hold the page itself.')
  return replays.run(() => render(ctx, { ...input, record: page, address: wanted.url, capture, archive }))
}

async function render(
  { store: { db, vault } }: Pick<Context, 'store'>,
  input: ReplayInput & {
    record: IndexedRecord
    address: string
    capture: Capture
    archive: ArchiveFileTable
  },
): Promise<ReplayedPage> {
  const { record: page, address: url, capture, archive } = input
  const thread = new ArchiveThread()
  const end = (): void => void thread.close()
  input.signal.addEventListener('abort', end, { once: true })
  try {
    const location = {
      vault: thread.offer((from, length) => vault.readRange(archive.sha256, from, length)),
      byteLength: archive.byte_length,
    }
    const resources: Record<string, IndexedRecord | null> = {}
    const kind = archive.kind === 'mhtml' ? ('mhtml' as const) : ('warc' as const)
    for (let round = 0; ; round++) {
      const rendered = await thread.ask('replay', {
        location,
        request: {
          page,
          kind,
          picture: capture.resourceUrl ?? '',
          resources,
          showsPictures: input.showsPictures,
        },
      })
      const room = MAX_ADDRESSES - Object.keys(resources).length
      const missing = rendered.wanted.slice(0, room)
      if (missing.length === 0 || round === MAX_ROUNDS)
        return { html: rendered.html, url, archiveId: archive.id }
      Object.assign(resources, await lookUp(db, archive.id, missing, page.capturedAt))
    }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    throw new AppError('unreadable_input', `The page cannot be read from its archive: ${error.message}.`, {
      cause: error,
    })
  } finally {
    input.signal.removeEventListener('abort', end)
    await thread.close()
  }
}

async function captureOf(db: Db, sourceId: string): Promise<{ capture: Capture; archive: ArchiveFileTable }> {
  const row = await db
    .selectFrom('source_capture')
    .selectAll()
    .where('source_id', '=', sourceId)
    .executeTakeFirst()
  const archive =
    row === undefined || row.archive_id === null
      ? undefined
      : await db.selectFrom('archive_file').selectAll().where('id', '=', row.archive_id).executeTakeFirst()
  if (row === undefined || archive === undefined)
    throw new AppError('not_found', 'This source came from no web archive.')
  if (checkedRow('archive_file', archive, archive.id).kept === 0)
    throw new AppError('not_found', 'The archive is not kept any more: something in it was erased.')
  return { capture: JSON.parse(checkedRow('source_capture', row, sourceId).capture) as Capture, archive }
}

/** The record of an address nearest in time to when the picture was captured. */
async function recordFor(
  db: Db,
  archiveId: string,
  url: string,
  near: string | undefined,
): Promise<IndexedRecord | undefined> {
  const found = await lookUp(db, archiveId, [url], near)
  return found[url] ?? undefined
}

async function lookUp(
  db: Db,
  archiveId: string,
  urls: readonly string[],
  near: string | undefined,
): Promise<Record<string, IndexedRecord | null>> {
  const found: Record<string, IndexedRecord | null> = Object.fromEntries(urls.map((url) => [url, null]))
  const time = Date.parse(near ?? '')
  const distance = (at: string): number => (Number.isNaN(time) ? 0 : Math.abs(Date.parse(at) - time))
  for (let at = 0; at < urls.length; at += LOOKED_UP_AT_ONCE) {
    const rows = await db
      .selectFrom('archive_record')
      .selectAll()
      .where('archive_id', '=', archiveId)
      .where('url', 'in', urls.slice(at, at + LOOKED_UP_AT_ONCE))
      .execute()
    for (const { url, captured_at: capturedAt, mime, place } of rows) {
      const known = found[url]
      if (known !== null && known !== undefined && distance(known.capturedAt) <= distance(capturedAt))
        continue
      found[url] = { url, capturedAt, mime, place: JSON.parse(place) as Place }
    }
  }
  return found
}

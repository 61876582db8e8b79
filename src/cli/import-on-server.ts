import { realpath } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { detectSource, openSource } from '../collections/sources/open-source.ts'
import type { Claims, ListedItem } from '../collections/sources/source-item.ts'
import { AppError, reasonOf } from '../errors.ts'
import { sendVideoOnServer } from './send-video-on-server.ts'
import type { VideoItem } from '../video/video-item.ts'
import { ProgressLine } from './output/progress.ts'
import { tell, type Outcome } from './import-outcomes.ts'
import { isWebArchive, sendArchive, sendWholeArchive } from './send-archive.ts'
import { ServerClient, type ServerOptions } from './server-options.ts'

interface ImportOnServerOptions extends ServerOptions {
  collection: string
  json?: boolean
}

/** A video that is refused with one of these costs that video alone. */
const REFUSES_ONE: ReadonlySet<string> = new Set([
  'bad_input',
  'unreadable_input',
  'limit_exceeded',
  'conflict',
])
/** Files on their way at once. */
const AT_ONCE = 3
/** How often one is tried again while the service is busy or away; the wait doubles from one second to thirty. */
const TRIES = 8
const LONGEST_WAIT_MS = 30_000
const ITEMS_A_PAGE = 1000
/** Of other statements. */
const LONGEST_OTHER = 8000
/** Of the names that the service keeps. */
const LONGEST_NAME = 200

/**
 * `likeness import SOURCE --server URL --collection NAME`: lists and opens the source here and sends its photos one by one.
 * An unfinished import of as many files by the same account is gone on with; what was taken in is not sent again.
 */
export async function importOnServer(source: string, options: ImportOnServerOptions): Promise<number> {
  const client = new ServerClient(options)
  const [collectionId] = await client.findCollections([options.collection])
  const kind = await detectSource(source)
  if (isWebArchive(kind)) return sendWholeArchive(client, collectionId, source, options.json === true)
  const opened = openSource(kind, await realpath(path.resolve(source)))
  const archives: string[] = []
  const items: ListedItem[] = []
  const noteArchive = async ({ file }: { file: string }): Promise<void> => void archives.push(file)
  for await (const item of opened.list(noteArchive)) {
    // What stands inside a web archive is sent with the archive, which the service checks and keeps.
    if (item.claims?.capture?.place === undefined) items.push(item)
  }
  const { importId, known } = await beginOrGoOn(client, collectionId, items.length)
  const outcomes: Outcome[] = items.flatMap(({ name }) => known.get(keptName(name)) ?? [])
  const line = new ProgressLine('Sending')
  line.start()
  const stop = new AbortController()
  const onInterrupt = (): void => stop.abort()
  process.once('SIGINT', onInterrupt)
  const reader = opened.openReader()
  const waiting = items
    .map((item, ordinal) => ({ item, ordinal }))
    .filter(({ item }) => !known.has(keptName(item.name)))
  // Archives are read in their order, one entry at a time; sending goes on meanwhile.
  let reading = Promise.resolve()
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stop.signal.aborted; next = waiting.shift()) {
      const { item, ordinal } = next
      const bytes = reading.then(() => readItem(reader, item, ordinal))
      reading = bytes.then(
        () => undefined,
        () => undefined,
      )
      outcomes.push(await sendItem(client, importId, item, await bytes, stop.signal))
      line.update(outcomes.length, items.length, `${outcomes.length} of ${items.length}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
  } finally {
    line.end()
    process.off('SIGINT', onInterrupt)
    await reader.close()
  }
  for (const archive of archives)
    if (!stop.signal.aborted) outcomes.push(...(await sendArchive(client, importId, archive)))
  if (!stop.signal.aborted) await client.call('finishImport', { params: { id: importId }, body: {} })
  return tell(outcomes, Math.max(items.length, outcomes.length), options.json === true)
}

/** What a tool's list says of a file goes along as text: only whole archives are checked by the service. */
function otherOf(claims: Claims | undefined): string | undefined {
  const capture = claims?.capture
  const said =
    capture === undefined
      ? {}
      : {
          tool: capture.tool,
          ...(capture.pages[0] === undefined ? {} : { page: capture.pages[0].url }),
          ...(capture.digest.claimed === undefined ? {} : { claimed_digest: capture.digest.claimed }),
          ...capture.other,
        }
  const other = { ...said, ...claims?.other }
  return Object.keys(other).length === 0 ? undefined : JSON.stringify(other).slice(0, LONGEST_OTHER)
}

async function beginOrGoOn(
  client: ServerClient,
  collectionId: string,
  files: number,
): Promise<{ importId: string; known: Map<string, Outcome> }> {
  const known = new Map<string, Outcome>()
  const { name: me } = await client.call('showMe', {})
  const imports = await client.call('listImports', { params: { id: collectionId } })
  const left = imports.find(
    (one) => one.isUpload && one.finishedAt === null && one.total === files && one.startedBy === me,
  )
  if (left === undefined) {
    const begun = await client.call('startImport', { params: { id: collectionId }, body: { files } })
    return { importId: begun.id, known }
  }
  for (let after = -1; ;) {
    const page = await client.call('listImportItems', {
      params: { id: left.id },
      query: { after, limit: ITEMS_A_PAGE },
    })
    for (const { name, state, detail } of page) {
      if (state !== 'failed' && state !== 'waiting') known.set(name, { name, state, detail })
    }
    if (page.length < ITEMS_A_PAGE) return { importId: left.id, known }
    after = page[page.length - 1].ordinal
  }
}

async function readItem(
  reader: ReturnType<ReturnType<typeof openSource>['openReader']>,
  { name, refusal }: ListedItem,
  ordinal: number,
): Promise<Uint8Array | VideoItem | string> {
  if (refusal !== undefined) return refusal.detail
  const read = await reader.read(ordinal, name)
  if (!read.ok) return read.refusal.detail
  return read.video ?? read.bytes
}

/** @param bytes or a sentence that says why there are none */
async function sendItem(
  client: ServerClient,
  importId: string,
  { name, claims }: ListedItem,
  bytes: Uint8Array | VideoItem | string,
  signal: AbortSignal,
): Promise<Outcome> {
  if (typeof bytes === 'string') return { name, state: 'unreadable', detail: bytes }
  if (!(bytes instanceof Uint8Array))
    return sendVideo(client, importId, { name, claims, video: bytes }, signal)
  const query = {
    name: keptName(name),
    sourceUrl: claims?.source_url,
    capturedAt: claims?.captured_at,
    collector: claims?.collector,
    licence: claims?.licence,
    note: claims?.note,
    personName: claims?.person_name,
    personRef: claims?.person_ref,
    sensitive:
      claims?.sensitive === undefined ? undefined : claims.sensitive ? ('yes' as const) : ('no' as const),
    other: otherOf(claims),
  }
  for (let tries = 1; ; tries++) {
    try {
      const sent = await client.call('importFile', { params: { id: importId }, query, body: bytes, signal })
      return { name, state: sent.state, detail: sent.detail }
    } catch (error) {
      if (signal.aborted) return { name, state: 'failed', detail: 'It was broken off.' }
      if (!(error instanceof AppError)) throw error
      const isPassing = ['busy', 'too_many_requests', 'unreachable'].includes(error.code)
      // One photo that is refused costs that photo; an account that may not import, or no service, costs the rest.
      if (['bad_input', 'unreadable_input', 'limit_exceeded'].includes(error.code))
        return { name, state: 'failed', detail: error.message }
      if (!isPassing || tries >= TRIES) throw error
      const waitMs = (error.retryAfterSeconds ?? 2 ** (tries - 1)) * 1000
      await delay(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal }).catch(reasonOf)
    }
  }
}

/** One video that is refused costs that video. */
async function sendVideo(
  client: ServerClient,
  importId: string,
  { name, claims, video }: { name: string; claims: ListedItem['claims']; video: VideoItem },
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const sent = await sendVideoOnServer(client, importId, { name: keptName(name), claims, video }, signal)
    return { name, state: sent.state as Outcome['state'], detail: null }
  } catch (error) {
    if (signal.aborted) return { name, state: 'failed', detail: 'It was broken off.' }
    if (error instanceof AppError && REFUSES_ONE.has(error.code)) {
      return { name, state: 'failed', detail: error.message }
    }
    throw error
  }
}

function keptName(name: string): string {
  return name.slice(-LONGEST_NAME)
}

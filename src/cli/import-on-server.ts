import { realpath } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { detectSource, openSource } from '../collections/sources/open-source.ts'
import type { ListedItem } from '../collections/sources/source-item.ts'
import type { CallReply } from '../contract/api-client.ts'
import { AppError, reasonOf } from '../errors.ts'
import { sendVideoOnServer } from './send-video-on-server.ts'
import type { VideoItem } from '../video/video-item.ts'
import { EXIT } from './exit-codes.ts'
import { ProgressLine } from './output/progress.ts'
import { say, sayJson, warn } from './output/terminal.ts'
import { ServerClient, type ServerOptions } from './server-options.ts'

interface ImportOnServerOptions extends ServerOptions {
  collection: string
  json?: boolean
}

type State = CallReply<'importFile'>['state']
interface Outcome {
  name: string
  state: State
  detail: string | null
}

/** Files on their way at once. */
const AT_ONCE = 3
/** How often one is tried again while the service is busy or away; the wait doubles from one second to thirty. */
const TRIES = 8
const LONGEST_WAIT_MS = 30_000
const ITEMS_A_PAGE = 1000
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
  const opened = openSource(kind, await realpath(path.resolve(source)))
  const items: ListedItem[] = []
  for await (const item of opened.list()) items.push(item)
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
  if (!stop.signal.aborted) await client.call('finishImport', { params: { id: importId }, body: {} })
  return tell(outcomes, items.length, options.json === true)
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
    other: claims?.other === undefined ? undefined : JSON.stringify(claims.other),
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
    return { name, state: sent.state as State, detail: null }
  } catch (error) {
    if (signal.aborted) return { name, state: 'failed', detail: 'It was broken off.' }
    if (error instanceof AppError && REFUSES_ONE.has(error.code)) {
      return { name, state: 'failed', detail: error.message }
    }
    throw error
  }
}

const REFUSES_ONE: ReadonlySet<string> = new Set([
  'bad_input',
  'unreadable_input',
  'limit_exceeded',
  'conflict',
])

function tell(outcomes: readonly Outcome[], total: number, json: boolean): number {
  const bad = outcomes.filter(({ state }) => state === 'failed' || state === 'unreadable')
  const counts: Partial<Record<State, number>> = {}
  for (const { state } of outcomes) counts[state] = (counts[state] ?? 0) + 1
  if (json) sayJson({ files: total, sent: outcomes.length, counts, notTaken: bad })
  else {
    const { done = 0, no_face: without = 0, duplicate = 0 } = counts
    const { waiting = 0 } = counts
    if (waiting > 0)
      say(
        `${waiting} ${waiting === 1 ? 'video was' : 'videos were'} sent and ${waiting === 1 ? 'is' : 'are'} read by the service now.`,
      )
    say(`${done} with faces, ${without} without, ${duplicate} held already, ${bad.length} not taken.`)
    for (const { name, detail } of bad) warn(`${name}: ${detail ?? ''}`)
    if (outcomes.length < total)
      say(`${total - outcomes.length} were not sent: run the same command again to go on.`)
  }
  return bad.length > 0 || outcomes.length < total ? EXIT.badInput : 0
}

function keptName(name: string): string {
  return name.slice(-LONGEST_NAME)
}

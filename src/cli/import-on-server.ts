import { open, realpath, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import type { ApiClient, CallInput } from '../contract/client/api-client.ts'
import { takenIn } from '../contract/client/follow-import.ts'
import { keptName } from '../contract/client/kept-name.ts'
import { sendInParts } from '../contract/client/send-in-parts.ts'
import { untilAnswered } from '../contract/client/until-answered.ts'
import { PART_BYTES } from '../contract/part-bytes.ts'
import { SerialQueue } from '../concurrency/serial-queue.ts'
import { detectSource, openSource } from '../sources/open-source.ts'
import type { ImportSource, ListedItem } from '../sources/source-item.ts'
import type { Claims } from '../sources/claims.ts'
import { AppError, reasonOf } from '../errors.ts'
import type { SourceKind } from '../store/tables/import-tables.ts'
import type { VideoItem } from '../video/video-item.ts'
import { ProgressLine } from './output/progress.ts'
import { tell, type Outcome } from './import-outcomes.ts'
import { ServerClient, type ServerOptions } from './server-options.ts'
import { outcomesOf, tellUntilRead } from './until-read.ts'

interface ImportOnServerOptions extends ServerOptions {
  collection: string
  json?: boolean
}

/** A file that is refused with one of these costs that file alone. */
const REFUSES_ONE: ReadonlySet<string> = new Set([
  'bad_input',
  'unreadable_input',
  'limit_exceeded',
  'conflict',
])
/** Sources that are sent whole. */
const WEB_ARCHIVES: ReadonlySet<SourceKind> = new Set(['warc', 'wacz', 'mhtml', 'saved_page'])
/** Files on their way at once. */
const AT_ONCE = 3
/** Of other statements. */
const LONGEST_OTHER = 8000

/**
 * `likeness import SOURCE --server URL --collection NAME`: lists and opens the source here and sends its photos one by one,
 * its videos and web archives in parts, then waits until the service has read those. An unfinished import of as many files
 * by the same account is gone on with; what was taken in is not sent again.
 */
export async function importOnServer(source: string, options: ImportOnServerOptions): Promise<number> {
  const client = new ServerClient(options)
  const [collectionId] = await client.findCollections([options.collection])
  const kind = await detectSource(source)
  const root = await realpath(path.resolve(source))
  const opened = openSource(kind, root)
  const { items, archives } = WEB_ARCHIVES.has(kind)
    ? { items: [], archives: [{ name: path.basename(root), file: root }] }
    : await listed(opened)
  const files = items.length + archives.length
  const { importId, known } = await beginOrGoOn(client, collectionId, files)
  const here: Outcome[] = []
  const line = new ProgressLine('Sending')
  line.start()
  const stop = new AbortController()
  const onInterrupt = (): void => stop.abort()
  process.once('SIGINT', onInterrupt)
  const reader = opened.openReader()
  const waiting = items
    .map((item, ordinal) => ({ item, ordinal }))
    .filter(({ item }) => !known.has(keptName(item.name)))
  let sent = items.length - waiting.length
  const tellSent = (): void => line.update(sent, files, `${sent} of ${files}`)
  // Archives are read in their order, one entry at a time; sending goes on meanwhile.
  const reading = new SerialQueue()
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stop.signal.aborted; next = waiting.shift()) {
      const { item, ordinal } = next
      const bytes = await reading.run(() => readItem(reader, item, ordinal))
      const refusal = await sendItem(client, importId, item, bytes, stop.signal, line)
      if (refusal !== undefined) here.push(refusal)
      sent += 1
      tellSent()
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sender))
    for (const archive of archives) {
      if (stop.signal.aborted) break
      const refusal = await sendArchive(client, importId, archive, stop.signal, line)
      if (refusal !== undefined) here.push(refusal)
      sent += 1
      tellSent()
    }
    if (!stop.signal.aborted) {
      line.end()
      await client.call('finishImport', { params: { id: importId }, body: {} })
      await tellUntilRead(client, { collectionId, importId }, stop.signal)
    }
  } catch (error) {
    // What was sent is told of, also when it is broken off.
    if (!stop.signal.aborted) throw error
  } finally {
    line.end()
    process.off('SIGINT', onInterrupt)
    await reader.close()
  }
  return tell([...here, ...(await outcomesOf(client, importId))], files - sent, options.json === true)
}

/** A web archive that is sent whole: the service checks and keeps it. */
interface FoundArchive {
  name: string
  file: string
}

async function listed(source: ImportSource): Promise<{ items: ListedItem[]; archives: FoundArchive[] }> {
  const archives: FoundArchive[] = []
  const items: ListedItem[] = []
  const noteArchive = async ({ name, file }: FoundArchive): Promise<void> =>
    void archives.push({ name, file })
  for await (const item of source.list(noteArchive)) {
    // What stands inside a web archive is sent with it.
    if (item.claims?.capture?.place === undefined) items.push(item)
  }
  return { items, archives }
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
): Promise<{ importId: string; known: ReadonlySet<string> }> {
  const { name: me } = await client.call('showMe', {})
  const imports = await client.call('listImports', { params: { id: collectionId } })
  const left = imports.find(
    (one) => one.isUpload && one.finishedAt === null && one.announced === files && one.startedBy === me,
  )
  if (left === undefined) {
    const begun = await client.call('startImport', { params: { id: collectionId }, body: { files } })
    return { importId: begun.id, known: new Set() }
  }
  const taken = await client.with((api) => takenIn(api, left.id))
  return { importId: left.id, known: new Set(taken.keys()) }
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

/**
 * @param bytes or a sentence that says why there are none
 * @returns what the service does not know: that a file was not sent, or was refused
 */
async function sendItem(
  client: ServerClient,
  importId: string,
  { name, claims }: ListedItem,
  bytes: Uint8Array | VideoItem | string,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<Outcome | undefined> {
  if (typeof bytes === 'string')
    return { name, state: 'unreadable', detail: bytes, reason: null, remarks: [] }
  if (!(bytes instanceof Uint8Array)) {
    const { file, byteLength } = bytes
    try {
      return await sendLarge(client, importId, { name, claims, file, byteLength }, signal, line)
    } finally {
      await bytes.close()
    }
  }
  const query = {
    name: keptName(name),
    ...claimsOfFile(claims),
    personName: claims?.person_name,
    personRef: claims?.person_ref,
    sensitive:
      claims?.sensitive === undefined ? undefined : claims.sensitive ? ('yes' as const) : ('no' as const),
    other: otherOf(claims),
  }
  return refusalOf(name, signal, async () => {
    const params = { id: importId }
    const ask = (api: ApiClient) => api.call('importFile', { params, query, body: bytes, signal })
    await client.with((api) => untilAnswered(() => ask(api), signal), signal)
  })
}

async function sendArchive(
  client: ServerClient,
  importId: string,
  { name, file: path }: FoundArchive,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<Outcome | undefined> {
  const file = await open(path, 'r')
  try {
    const { size: byteLength } = await file.stat()
    return await sendLarge(client, importId, { name, claims: undefined, file, byteLength }, signal, line)
  } finally {
    await file.close()
  }
}

/** What is claimed of a file of any kind. */
function claimsOfFile(
  claims: Claims | undefined,
): Omit<CallInput<'beginUpload'>['body'], 'name' | 'byteLength'> {
  return {
    sourceUrl: claims?.source_url,
    capturedAt: claims?.captured_at,
    collector: claims?.collector,
    licence: claims?.licence,
    note: claims?.note,
  }
}

/** A file that is sent in parts. */
interface OpenFile {
  name: string
  claims: Claims | undefined
  file: FileHandle
  byteLength: number
}

function sendLarge(
  client: ServerClient,
  importId: string,
  { name, claims, file, byteLength }: OpenFile,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<Outcome | undefined> {
  const part = Buffer.alloc(PART_BYTES)
  const read = async (at: number, most: number): Promise<Uint8Array> => {
    const { bytesRead } = await file.read(part, 0, most, at).catch((error: unknown) => {
      throw new AppError('unreadable_input', `It cannot be read: ${reasonOf(error)}.`, { cause: error })
    })
    return part.subarray(0, bytesRead)
  }
  const large = { name: keptName(name), byteLength, claims: claimsOfFile(claims), read }
  const onSent = (share: number): void => line.show(`${name}: ${Math.floor(100 * share)} %`)
  return refusalOf(name, signal, () =>
    client.with((api) => sendInParts(api, importId, large, onSent, signal), signal),
  )
}

/** One file that is refused costs that file; an account that may not import, or no service, costs the rest. */
async function refusalOf(
  name: string,
  signal: AbortSignal,
  send: () => Promise<void>,
): Promise<Outcome | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (signal.aborted)
      return { name, state: 'failed', detail: 'It was broken off.', reason: null, remarks: [] }
    if (!(error instanceof AppError) || !REFUSES_ONE.has(error.code)) throw error
    return { name, state: 'failed', detail: error.message, reason: null, remarks: [] }
  }
}

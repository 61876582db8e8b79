import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { reasonOf } from '../../errors.ts'
import { MAX_ARCHIVE_BYTES, MAX_WHOLE_BYTES } from './archive-limits.ts'
import type {
  ArchiveCall,
  ArchiveCalls,
  ArchiveLocation,
  BytesMessage,
  CallMessage,
  ThreadMessage,
} from './archive-messages.ts'
import { fileBytes, type ByteSource, type RangedBytes } from './byte-feed.ts'
import { ArchiveFault, type ArchiveFacts, type IndexedRecord, type Place } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'
import { detectKind } from './detect-archive.ts'
import { readContent } from './record-content.ts'
import { renderPage } from './replay-page.ts'
import { decodePart, surveyMhtml } from './survey-mhtml.ts'
import { kept, WarcSurvey } from './survey-warc.ts'
import { surveyWacz } from './survey-wacz.ts'
import { surveySavedPage } from './survey-saved-page.ts'
import { warcRecords } from './warc-records.ts'
import { memberBytes, type Member } from './zip-package.ts'

const ALIVE_MS = 5000
/** Bytes asked of the vault at once. */
const NEED_BYTES = 256 * 1024
/** Files and parts that are held open. */
const MAX_OPEN = 8

let surveyed: { records: IndexedRecord[]; items: SurveyedItem[] } = { records: [], items: [] }
/** Kept as promises, so that two calls at once do not open the same file twice and forget one. */
const open = new Map<string, Promise<RangedBytes>>()
const members = new Map<string, ByteSource>()
const needed = new Map<number, (bytes: Uint8Array | undefined) => void>()
let requests = 0

async function answerTo(call: ArchiveCall): Promise<unknown> {
  switch (call.name) {
    case 'detect':
      return detectKind(await opened(call.ask.location))
    case 'survey':
      return survey(call.ask)
    case 'records':
      return surveyed.records.slice(call.ask.from, call.ask.from + call.ask.count)
    case 'items':
      return surveyed.items.slice(call.ask.from, call.ask.from + call.ask.count)
    case 'read':
      return read(call.ask)
    case 'close':
      return closeAll()
    case 'replay':
      return renderPage(call.ask.request, (place, kind) => contentAt(call.ask.location, kind, place))
  }
  throw new ArchiveFault('read_failed', 'an unknown call')
}

async function survey({ location, kind, name }: ArchiveCalls['survey']['ask']): Promise<ArchiveFacts> {
  surveyed = { records: [], items: [] }
  const bytes = await opened(location)
  const file = 'file' in location ? location.file : undefined
  if (bytes.byteLength > MAX_ARCHIVE_BYTES)
    throw new ArchiveFault(
      'too_many_bytes',
      `it is larger than MAX_ARCHIVE_BYTES, ${MAX_ARCHIVE_BYTES / 1024 ** 3} GB`,
    )
  if (bytes.byteLength === 0) throw new ArchiveFault('damaged_archive', 'the file is empty')
  const sum = createHash('sha256')
  for await (const chunk of bytes.read(0)) sum.update(chunk)
  const sha256 = sum.digest('hex')
  const whole = { kind, name, sha256, byteLength: bytes.byteLength }
  const nothing = { packageVerdict: 'absent', signatureVerdict: 'absent' } as const
  if (kind === 'mhtml' || kind === 'saved_page') {
    if (bytes.byteLength > MAX_WHOLE_BYTES)
      throw new ArchiveFault(
        'too_many_bytes',
        `it is larger than MAX_WHOLE_BYTES, ${MAX_WHOLE_BYTES / 1024 / 1024} MB`,
      )
    const parts: Uint8Array[] = []
    for await (const chunk of bytes.read(0)) parts.push(Buffer.from(chunk))
    const text = Buffer.concat(parts)
    const found = kind === 'mhtml' ? surveyMhtml(text, sha256) : surveySavedPage(text, name, file, sha256)
    surveyed = { records: found.records, items: found.items }
    const { problems, pages, parts: records, software } = found
    return { ...whole, ...nothing, records, pages, problems, ...(software === undefined ? {} : { software }) }
  }
  const warc = new WarcSurvey(kind, sha256)
  const facts = kind === 'wacz' ? await surveyWacz(bytes, warc) : undefined
  if (facts === undefined) await warc.read(bytes, undefined)
  surveyed = { records: [...warc.records, ...warc.aliases()], items: warc.items() }
  const software = facts?.software ?? warc.software
  return {
    ...whole,
    ...(facts ?? nothing),
    records: warc.recordCount,
    pages: warc.graph.pages,
    ...(software === undefined ? {} : { software: kept(software).slice(0, 200) }),
    problems: [...(facts?.problems ?? []), ...warc.problems].slice(0, 100),
  }
}

async function read({
  location,
  kind,
  place,
  surveyed: verdict,
}: ArchiveCalls['read']['ask']): Promise<Uint8Array> {
  const content = await contentAt(location, kind, place)
  if (kind === 'warc' && content.verdict !== verdict)
    throw new ArchiveFault(
      'changed_since_listed',
      'the archive has changed since it was listed; import it again',
    )
  return content.bytes
}

/** The bytes of one record or part. @throws ArchiveFault */
async function contentAt(
  location: ArchiveLocation,
  kind: 'warc' | 'mhtml',
  place: Place,
): Promise<{ bytes: Buffer; verdict: string }> {
  const archive = await opened(location)
  if (kind === 'mhtml') {
    const parts: Uint8Array[] = []
    for await (const chunk of archive.part(place.at, Math.min(place.length ?? 0, MAX_WHOLE_BYTES)).read(0))
      parts.push(chunk)
    return { bytes: decodePart(Buffer.concat(parts), place.encoding ?? ''), verdict: 'absent' }
  }
  const source = isMember(place) ? await openedMember(location, archive, place) : archive
  let content: Awaited<ReturnType<typeof readContent>> | undefined
  let isThere = false
  try {
    for await (const record of warcRecords(source, place)) {
      if (isThere && !record.isAgain) break
      content = await readContent(record)
      isThere = true
    }
  } catch (error) {
    // What is wrong behind the record is not wrong with it.
    if (!isThere) throw error
  }
  if (!isThere)
    throw new ArchiveFault(
      'changed_since_listed',
      'the record is not there any more; import the archive again',
    )
  if (content === undefined)
    throw new ArchiveFault('too_many_bytes', 'the record is larger than MAX_ITEM_BYTES')
  if (content.missing > 0) throw new ArchiveFault('damaged_archive', 'the record is cut short')
  return { bytes: content.bytes, verdict: content.digest.verdict }
}

function isMember(place: Place): place is Place & Member {
  return place.member !== undefined && place.from !== undefined && place.bytes !== undefined
}

async function opened(location: ArchiveLocation): Promise<RangedBytes> {
  const key = JSON.stringify(location)
  if (!open.has(key) && open.size >= MAX_OPEN) await closeAll()
  const known = open.get(key)
  if (known !== undefined) return known
  const bytes =
    'file' in location
      ? fileBytes(location.file)
      : Promise.resolve(vaultBytes(location.vault, location.byteLength))
  open.set(key, bytes)
  bytes.catch(() => open.delete(key))
  return bytes
}

async function openedMember(
  location: ArchiveLocation,
  archive: RangedBytes,
  place: Member,
): Promise<ByteSource> {
  const key = `${JSON.stringify(location)} ${place.member}`
  const source = members.get(key) ?? (await memberBytes(archive, place))
  if (members.size >= MAX_OPEN) members.clear()
  members.set(key, source)
  return source
}

async function closeAll(): Promise<void> {
  const opening = [...open.values()]
  open.clear()
  members.clear()
  for (const bytes of await Promise.allSettled(opening)) {
    if (bytes.status === 'fulfilled') await bytes.value.close()
  }
}

/** An original of the vault: its bytes are unsealed by the thread that holds the keys. */
function vaultBytes(vault: number, byteLength: number): RangedBytes {
  const part = (start: number, length: number): ByteSource => ({
    byteLength: length,
    async *read(from) {
      const end = Math.min(start + length, byteLength)
      for (let at = start + from; at < end;) {
        const bytes = await need(vault, at, Math.min(NEED_BYTES, end - at))
        if (bytes.byteLength === 0) return
        at += bytes.byteLength
        yield bytes
      }
    },
    async close() {},
  })
  return { ...part(0, byteLength), part }
}

function need(vault: number, from: number, length: number): Promise<Uint8Array> {
  const request = ++requests
  return new Promise((resolve, reject) => {
    needed.set(request, (bytes) =>
      bytes === undefined
        ? reject(new ArchiveFault('read_failed', 'the kept archive cannot be read'))
        : resolve(bytes),
    )
    post({ kind: 'need', request, vault, from, length })
  })
}

function post(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

parentPort?.on('message', (message: CallMessage | BytesMessage) => {
  if ('request' in message) {
    needed.get(message.request)?.(message.bytes)
    needed.delete(message.request)
    return
  }
  const { number, call } = message
  const timer = setInterval(() => post({ kind: 'alive' }), ALIVE_MS)
  void reply(number, call).finally(() => clearInterval(timer))
})

async function reply(number: number, call: ArchiveCall): Promise<void> {
  try {
    const answer = await answerTo(call)
    if (!(answer instanceof Uint8Array)) return post({ kind: 'answer', number, answer })
    // A copy of its own, so that it can be handed over without the pool that small buffers share.
    const bytes = new Uint8Array(answer)
    return post({ kind: 'answer', number, answer: bytes }, [bytes.buffer])
  } catch (error) {
    const reason = error instanceof ArchiveFault ? error.reason : 'read_failed'
    return post({ kind: 'fault', number, reason, message: reasonOf(error) })
  }
}

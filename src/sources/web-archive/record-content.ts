import { MAX_ITEM_BYTES } from '../limits.ts'
import { MAX_HEADER_BYTES, MAX_PAGE_BYTES } from './archive-limits.ts'
import type { ClaimedDigest } from './capture.ts'
import { DigestCheck, checkDigest } from './claimed-digest.ts'
import { contentKind, mimeOf, type ContentKind } from './content-kind.ts'
import { decodeBody, headerOf, parseHttpHead, type HttpHead } from './http-message.ts'
import type { WarcRecord } from './warc-records.ts'

/** Enough of a body to tell what it is. */
const SNIFF_BYTES = 64 * 1024
/** Encoded bodies up to this size are held, because their digest may be of what they decode to. */
const HELD_BODY_BYTES = 64 * 1024 * 1024

/** What a response or resource record holds. */
export interface RecordContent {
  http: HttpHead | undefined
  kind: ContentKind
  mime: string
  digest: ClaimedDigest
  /** Text of a page or stylesheet, decoded; undefined for others and for larger ones than `MAX_PAGE_BYTES`. */
  text: string | undefined
  /** Bytes that the record is short of. */
  missing: number
}

/** Reads a record's block once, in memory of one page at most, and checks its digests. */
export async function surveyContent(record: WarcRecord): Promise<RecordContent> {
  const { headers } = record
  const blockCheck = new DigestCheck(headers.get('warc-block-digest'))
  const payloadCheck = new DigestCheck(headers.get('warc-payload-digest'))
  const isHttp = isHttpRecord(headers)
  let held: Buffer = Buffer.alloc(0)
  let http: HttpHead | undefined
  let body: Buffer[] = []
  let bodyBytes = 0
  let kind: ContentKind | undefined
  let keeps = false
  let seen = 0
  const decideKind = async (): Promise<void> => {
    http = isHttp ? parseHttpHead(held) : undefined
    const rest = held.subarray(http?.bodyAt ?? 0)
    payloadCheck.update(rest)
    const declared = headerOf(http?.headers ?? [], 'content-type') ?? headers.get('content-type')
    const { content } = await decodeBody(rest, http?.headers ?? [], false)
    kind = contentKind(content, declared)
    const isEncoded = ['transfer-encoding', 'content-encoding'].some(
      (name) => headerOf(http?.headers ?? [], name) !== undefined,
    )
    keeps =
      ((kind === 'html' || kind === 'css') && record.length <= MAX_PAGE_BYTES) ||
      (isEncoded && payloadCheck.isDue && record.length <= HELD_BODY_BYTES)
    body = [rest]
    bodyBytes = rest.byteLength
    held = Buffer.from(content.subarray(0, 512))
  }
  for await (const piece of record.block) {
    seen += piece.byteLength
    blockCheck.update(piece)
    if (kind === undefined) {
      held = Buffer.concat([held, piece])
      const ends = !isHttp || parseHttpHead(held) !== undefined || held.byteLength >= MAX_HEADER_BYTES
      if (ends && held.byteLength >= Math.min(SNIFF_BYTES, record.length)) await decideKind()
      continue
    }
    payloadCheck.update(piece)
    bodyBytes += piece.byteLength
    if (keeps) body.push(Buffer.from(piece))
  }
  if (kind === undefined) await decideKind()
  const declared = headerOf(http?.headers ?? [], 'content-type') ?? headers.get('content-type')
  const whole = keeps || bodyBytes <= SNIFF_BYTES ? Buffer.concat(body) : undefined
  const decoded = whole === undefined ? undefined : await decodeBody(whole, http?.headers ?? [], true)
  const payload = payloadDigest(payloadCheck.result(), headers.get('warc-payload-digest'), decoded)
  const isText = kind === 'html' || kind === 'css'
  return {
    http,
    kind: kind ?? 'other',
    mime: mimeOf(held, declared),
    digest: joined(payload, blockCheck.result()),
    text: isText && decoded !== undefined ? textOf(decoded.content, declared) : undefined,
    missing: record.length - seen,
  }
}

/** The bytes that a browser was given: the block of a resource, the decoded body of a response. Undefined when there are too many. */
export async function readContent(
  record: WarcRecord,
): Promise<
  { bytes: Buffer; digest: ClaimedDigest; http: HttpHead | undefined; missing: number } | undefined
> {
  const { headers } = record
  if (record.length > MAX_ITEM_BYTES + MAX_HEADER_BYTES) return undefined
  const parts: Uint8Array[] = []
  for await (const piece of record.block) parts.push(Buffer.from(piece))
  const block = Buffer.concat(parts)
  const http = isHttpRecord(headers) ? parseHttpHead(block) : undefined
  const body = block.subarray(http?.bodyAt ?? 0)
  const decoded = await decodeBody(body, http?.headers ?? [], true)
  const claimed = headers.get('warc-payload-digest')
  const digest = joined(
    payloadDigest(checkDigest(claimed, body), claimed, decoded),
    checkDigest(headers.get('warc-block-digest'), block),
  )
  if (decoded.content.byteLength > MAX_ITEM_BYTES) return undefined
  return { bytes: decoded.content, digest, http, missing: record.length - block.byteLength }
}

/** Text of a page in its own encoding, as the header or the page itself names it. */
export function textOf(bytes: Buffer, declared: string | undefined): string {
  const named =
    /charset=["']?([\w-]+)/i.exec(declared ?? '')?.[1] ??
    /<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(bytes.toString('latin1', 0, 2048))?.[1]
  try {
    return new TextDecoder(named ?? 'utf-8').decode(bytes)
  } catch {
    return bytes.toString('utf8')
  }
}

function isHttpRecord(headers: ReadonlyMap<string, string>): boolean {
  const type = headers.get('warc-type')
  return type === 'response' || type === 'revisit'
}

/**
 * Writers differ in what they hash (ISO 28500 leaves it open): the body as it came over the wire, without transfer
 * encoding, or as the browser saw it. One that fits is enough.
 */
function payloadDigest(
  asWritten: ClaimedDigest,
  claimed: string | undefined,
  decoded: { plainTransfer: Buffer; content: Buffer } | undefined,
): ClaimedDigest {
  if (asWritten.verdict !== 'invalid' || decoded === undefined) return asWritten
  for (const bytes of [decoded.plainTransfer, decoded.content]) {
    const other = checkDigest(claimed, bytes)
    if (other.verdict === 'valid') return other
  }
  return asWritten
}

/** One verdict of both digests: what does not fit counts before what does. */
function joined(payload: ClaimedDigest, block: ClaimedDigest): ClaimedDigest {
  for (const verdict of ['invalid', 'valid', 'unchecked'] as const) {
    const found = [payload, block].find((digest) => digest.verdict === verdict)
    if (found !== undefined) return found
  }
  return payload
}

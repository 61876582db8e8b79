import { ByteFeed, type ByteSource } from './byte-feed.ts'
import { ArchiveFault, type Place } from './capture.ts'
import { gzipMember, isGzipAt, type InflationTally } from './gzip-member.ts'
import { MAX_ARCHIVE_RECORDS, MAX_HEADER_BYTES, MAX_HEADER_LINE_BYTES } from './archive-limits.ts'

/** One record of a WARC file (ISO 28500, versions 1.0 and 1.1). Its block is read before the next record is asked for. */
export interface WarcRecord {
  at: number
  skip: number
  /** By lower-case name; of a name that comes twice the first. */
  headers: ReadonlyMap<string, string>
  /** As the record says. */
  length: number
  /** Gives fewer bytes than `length` when the record is cut short. */
  block: AsyncGenerator<Uint8Array>
}

const VERSION = /^WARC\/(\d+)\.(\d+)$/
const MAX_HEADER_LINES = 1000
/** Longest record that a number can count exactly. */
const MAX_LENGTH = Number.MAX_SAFE_INTEGER

/**
 * The records of a WARC file, plain or compressed record by record, from a place on. A record that is cut short inside
 * its gzip member gives what there is of it and the next member is gone on with; anything else that is wrong ends it.
 * @throws ArchiveFault
 */
export async function* warcRecords(
  source: ByteSource,
  from: Pick<Place, 'at' | 'skip'> = { at: 0 },
  tally: InflationTally = { compressed: 0, inflated: 0 },
): AsyncGenerator<WarcRecord> {
  let records = 0
  if (source.byteLength === 0) throw new ArchiveFault('damaged_archive', 'the file is empty')
  if (!(await isGzipAt(source, from.at))) {
    const feed = new ByteFeed(source.read(from.at))
    try {
      yield* recordsOf(feed, from.at, true, () => countRecord(++records))
    } finally {
      await feed.close()
    }
    return
  }
  for (let at = from.at; at < source.byteLength;) {
    const member = await gzipMember(source, at, tally)
    const feed = new ByteFeed(member.chunks)
    try {
      if (at === from.at && from.skip !== undefined) await feed.skip(from.skip)
      yield* recordsOf(feed, at, false, () => countRecord(++records))
      // The member's end is only known when all of it was read.
      await feed.skip(MAX_LENGTH)
    } finally {
      await feed.close()
    }
    if (member.end === undefined) return
    at = member.end
  }
}

function countRecord(records: number): void {
  if (records > MAX_ARCHIVE_RECORDS)
    throw new ArchiveFault(
      'too_many_entries',
      `it has more than MAX_ARCHIVE_RECORDS, ${MAX_ARCHIVE_RECORDS} records; the rest was not read`,
    )
}

/** @param isPlain records are found by their offset in the file, else by how far they stand inside the gzip member at `at` */
async function* recordsOf(
  feed: ByteFeed,
  at: number,
  isPlain: boolean,
  count: () => void,
): AsyncGenerator<WarcRecord> {
  for (;;) {
    await skipBlankLines(feed)
    const begin = feed.position
    const head = await headersOf(feed)
    if (head === undefined) return
    count()
    const { headers, length } = head
    const record = {
      at: isPlain ? at + begin : at,
      skip: isPlain ? 0 : begin,
      headers,
      length,
      block: feed.take(length),
    }
    const blockAt = feed.position
    yield record
    await feed.skip(length - (feed.position - blockAt))
    const missing = length - (feed.position - blockAt)
    if (missing === 0) continue
    if (isPlain) throw new ArchiveFault('damaged_archive', `a record ends ${missing} bytes before its length`)
    return
  }
}

async function skipBlankLines(feed: ByteFeed): Promise<void> {
  for (;;) {
    const next = await feed.peek(2)
    if (next[0] === 0x0a) await feed.skip(1)
    else if (next[0] === 0x0d && next[1] === 0x0a) await feed.skip(2)
    else return
  }
}

async function headersOf(
  feed: ByteFeed,
): Promise<{ headers: Map<string, string>; length: number } | undefined> {
  const version = await lineOf(feed)
  if (version === undefined) return undefined
  if (!VERSION.test(version))
    throw new ArchiveFault('damaged_archive', "a record does not begin with 'WARC/' and its version")
  const headers = new Map<string, string>()
  const begin = feed.position
  let last: string | undefined
  for (let lines = 0; ; lines++) {
    const line = await lineOf(feed)
    if (line === undefined) throw new ArchiveFault('damaged_archive', "a record's header does not end")
    if (line === '') break
    if (lines >= MAX_HEADER_LINES || feed.position - begin > MAX_HEADER_BYTES)
      throw new ArchiveFault(
        'damaged_archive',
        `a record's header is longer than MAX_HEADER_BYTES, ${MAX_HEADER_BYTES} bytes`,
      )
    if (/^[ \t]/.test(line) && last !== undefined) {
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon <= 0) throw new ArchiveFault('damaged_archive', "a line of a record's header has no colon")
    const name = line.slice(0, colon).trim().toLowerCase()
    last = headers.has(name) ? undefined : name
    if (last !== undefined) headers.set(name, line.slice(colon + 1).trim())
  }
  const text = headers.get('content-length') ?? ''
  const length = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(length))
    throw new ArchiveFault('damaged_archive', 'a record does not say its length')
  return { headers, length }
}

async function lineOf(feed: ByteFeed): Promise<string | undefined> {
  try {
    return (await feed.line(MAX_HEADER_LINE_BYTES))?.toString('utf8')
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ArchiveFault(
      'damaged_archive',
      `a header's line is longer than MAX_HEADER_LINE_BYTES, ${MAX_HEADER_LINE_BYTES} bytes`,
    )
  }
}

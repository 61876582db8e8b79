import type { ByteFeed, ByteSource } from './byte-feed.ts'
import { ArchiveFault, type Place } from './capture.ts'
import { gzipMember, isGzipAt, nextMember, type InflationTally } from './gzip-member.ts'
import { MAX_ARCHIVE_RECORDS, MAX_HEADER_BYTES, MAX_HEADER_LINE_BYTES } from './archive-limits.ts'
import { RecordStream, SEPARATOR_BYTES, type RereadBudget } from './record-stream.ts'

/** One record of a WARC file (ISO 28500, versions 1.0 and 1.1). Its block is read before the next record is asked for. */
export interface WarcRecord {
  at: number
  skip: number
  /** By lower-case name; of a name that comes twice the first. */
  headers: ReadonlyMap<string, string>
  /** As the record says; of one that is given again, as it is. */
  length: number
  /** Gives fewer bytes than `length` when the record is cut short. */
  block: AsyncGenerator<Uint8Array>
  /** The record before was this one, with a length that turned out wrong: this takes its place. */
  isAgain: boolean
}

/** What is told of damage that reading went on behind. */
export interface Reading {
  tally?: InflationTally
  /** A sentence. */
  onDamage?: (problem: string) => void
}

const VERSION = /^WARC\/(\d+)\.(\d+)$/
const MAX_HEADER_LINES = 1000
/** Longest record that a number can count exactly. */
const MAX_LENGTH = Number.MAX_SAFE_INTEGER

/**
 * The records of a WARC file, plain or compressed record by record, from a place on. A length that is wrong, a header that
 * cannot be read and a gzip member that is damaged cost their own record at most: it is gone on at the next one, and that
 * is told. Where no record follows, damage ends the reading.
 * @throws ArchiveFault
 */
export async function* warcRecords(
  source: ByteSource,
  from: Pick<Place, 'at' | 'skip'> = { at: 0 },
  { tally = { compressed: 0, inflated: 0 }, onDamage = () => undefined }: Reading = {},
): AsyncGenerator<WarcRecord> {
  let records = 0
  const count = (): void => countRecord(++records)
  const budget: RereadBudget = { left: undefined }
  if (source.byteLength === 0) throw new ArchiveFault('damaged_archive', 'the file is empty')
  if (!(await isGzipAt(source, from.at))) {
    const stream = new RecordStream(async () => source, budget, source.byteLength)
    await stream.open(from.at)
    try {
      yield* recordsOf(stream, { at: 0, isPlain: true }, count, onDamage)
    } finally {
      await stream.close()
    }
    return
  }
  for (let at = from.at; at < source.byteLength;) {
    let end: number | undefined
    const member = async (): Promise<Pick<ByteSource, 'read'>> => {
      const opened = await gzipMember(source, at, tally)
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield* opened.chunks
        end = opened.end
      }
      return { read: () => chunks() }
    }
    const stream = new RecordStream(member, budget, source.byteLength)
    try {
      await stream.open(at === from.at ? (from.skip ?? 0) : 0)
      yield* recordsOf(stream, { at, isPlain: false }, count, onDamage)
      // The member's end is only known when all of it was read.
      await stream.feed.skip(MAX_LENGTH)
    } catch (error) {
      if (!(error instanceof ArchiveFault) || error.reason !== 'damaged_archive') throw error
      const next = await nextMember(source, at + 1)
      if (next === undefined) throw error
      onDamage(`${capitalised(error.message)}; it was gone on at byte ${next}.`)
      end = next
    } finally {
      await stream.close()
    }
    if (end === undefined) return
    at = end
  }
}

function countRecord(records: number): void {
  if (records > MAX_ARCHIVE_RECORDS)
    throw new ArchiveFault(
      'too_many_entries',
      `it has more than MAX_ARCHIVE_RECORDS, ${MAX_ARCHIVE_RECORDS} records; the rest was not read`,
    )
}

/** Where a stream of records begins in the file: records of a plain file are found by their offset, others inside their gzip member. */
interface Whence {
  at: number
  isPlain: boolean
}

async function* recordsOf(
  stream: RecordStream,
  { at, isPlain }: Whence,
  count: () => void,
  onDamage: (problem: string) => void,
): AsyncGenerator<WarcRecord> {
  for (;;) {
    await skipBlankLines(stream.feed)
    const begin = stream.position
    const head = await headAt(stream, begin, onDamage)
    if (head === undefined) return
    if (head === 'passed over') continue
    count()
    const { headers, length } = head
    const place = { at: isPlain ? at + begin : at, skip: isPlain ? 0 : begin, headers }
    const blockAt = stream.position
    const block = stream.block(length)
    yield { ...place, length, block, isAgain: false }
    await stream.skipTo(blockAt + length)
    const missing = blockAt + length - stream.position
    const between = missing > 0 ? '' : await separatorAt(stream.feed)
    const isEnded = missing === 0 && isWholeSeparator(between, stream.last)
    if (isEnded && (await isAtRecord(stream.feed))) continue
    if (stream.damage !== undefined) throw stream.damage
    const next = await stream.findRecord(blockAt)
    if (next === undefined && missing > 0) {
      if (!isPlain) return
      throw new ArchiveFault('damaged_archive', `a record ends ${missing} bytes before its length`)
    }
    const end = next ?? stream.position
    if (isEnded)
      onDamage(
        `Behind the record at byte ${place.at} stands something that is no record; it was passed over.`,
      )
    else {
      const trueLength = await lengthUntil(stream, blockAt, end)
      onDamage(`The record at byte ${place.at} says that it has ${length} bytes and has ${trueLength}.`)
      await stream.open(blockAt)
      yield { ...place, length: trueLength, block: stream.block(trueLength), isAgain: true }
    }
    if (next === undefined) return
    await stream.open(next)
  }
}

/** A header that cannot be read is passed over when a record follows. */
async function headAt(
  stream: RecordStream,
  begin: number,
  onDamage: (problem: string) => void,
): Promise<Head | undefined | 'passed over'> {
  try {
    return await headersOf(stream.feed)
  } catch (error) {
    if (!(error instanceof ArchiveFault) || error.reason !== 'damaged_archive') throw error
    const next = await stream.findRecord(begin + 1)
    if (next === undefined) throw error
    onDamage(`A record at byte ${begin} was passed over: ${error.message}.`)
    await stream.open(next)
    return 'passed over'
  }
}

/** What stands behind a block, as far as it is line ends; `end` when nothing does. */
async function separatorAt(feed: ByteFeed): Promise<string> {
  const next = (await feed.peek(SEPARATOR_BYTES)).subarray(0, SEPARATOR_BYTES).toString('latin1')
  return next === '' ? 'end' : /^(\r?\n){0,2}/.exec(next)![0]
}

/**
 * Two line ends, or none at the end of all. Where fewer stand, a block that itself ends with the others was taken to be
 * longer than it is; one that does not is of a writer that leaves fewer.
 */
function isWholeSeparator(between: string, blockEnd: string): boolean {
  const lineEnds = between.split('\n').length - 1
  if (between === 'end' || lineEnds === 2) return true
  return lineEnds === 1 && !/\r(\n)?$/.test(blockEnd)
}

/** At a record, or at the end. */
async function isAtRecord(feed: ByteFeed): Promise<boolean> {
  await skipBlankLines(feed)
  const next = await feed.peek(5)
  return next.byteLength === 0 || next.toString('latin1') === 'WARC/'
}

/** Bytes of a block that ends where the next record begins, without what stands between records. */
async function lengthUntil(stream: RecordStream, blockAt: number, end: number): Promise<number> {
  const from = Math.max(blockAt, end - SEPARATOR_BYTES)
  await stream.open(from)
  const last = (await stream.feed.peek(end - from)).subarray(0, end - from).toString('latin1')
  return end - blockAt - (/(\r?\n){0,2}$/.exec(last)?.[0].length ?? 0)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

async function skipBlankLines(feed: ByteFeed): Promise<void> {
  for (;;) {
    const next = await feed.peek(2)
    if (next[0] === 0x0a) await feed.skip(1)
    else if (next[0] === 0x0d && next[1] === 0x0a) await feed.skip(2)
    else return
  }
}

interface Head {
  headers: Map<string, string>
  length: number
}

async function headersOf(feed: ByteFeed): Promise<Head | undefined> {
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

import { ByteFeed, type ByteSource } from './byte-feed.ts'
import { ArchiveFault } from './capture.ts'

const SCAN_BYTES = 64 * 1024
/** The first line of a record, after a line end. */
const FIRST_LINE = /\nWARC\/[01]\.\d{1,2}\r?\n/
/** Longest text that the pattern fits. */
const FIRST_LINE_BYTES = 16
/**
 * Records with wrong lengths are looked for their ends, and read again. An archive of nothing but such records would be
 * read over and over: so many times its own length, and no more.
 */
export const MAX_REREADS = 8
/** Small archives may always be read again. */
const REREAD_ALLOWANCE_BYTES = 64 * 1024 * 1024

/** Between records stand two line ends (ISO 28500, 4.1). */
export const SEPARATOR_BYTES = 4

/** Bytes that may still be read again; shared by all streams of one file. */
export interface RereadBudget {
  left: number | undefined
}

/** Records one after another, in a plain file or a gzip member, that can be gone back in. */
export class RecordStream {
  readonly #source: () => Promise<Pick<ByteSource, 'read'>>
  readonly #budget: RereadBudget
  #feed: ByteFeed | undefined
  #base = 0
  /** Damage that ended a block while somebody read it: the block was short, and it is met when reading goes on. */
  damage: ArchiveFault | undefined
  /** The last bytes of blocks that were read, as Latin-1: enough for what stands between records. */
  last = ''

  constructor(source: () => Promise<Pick<ByteSource, 'read'>>, budget: RereadBudget, byteLength: number) {
    this.#source = source
    this.#budget = budget
    budget.left ??= REREAD_ALLOWANCE_BYTES + MAX_REREADS * byteLength
  }

  get feed(): ByteFeed {
    if (this.#feed === undefined) throw new Error('the stream is not open')
    return this.#feed
  }

  /** Offset of the next byte: in the file when it is plain, else inside the member. */
  get position(): number {
    return this.#base + this.feed.position
  }

  /** Goes to an offset; backwards from the beginning. @throws ArchiveFault */
  async open(at: number): Promise<void> {
    if (this.#feed !== undefined) this.#spend(Math.max(SCAN_BYTES, this.position - at))
    await this.close()
    const source = await this.#source()
    // A member of gzip has no other way in than its beginning.
    const isPlain = 'byteLength' in source
    this.#feed = new ByteFeed(source.read(isPlain ? at : 0))
    this.#base = isPlain ? at : 0
    if (!isPlain) await this.#feed.skip(at)
  }

  /** The next bytes. Damaged ones end it early, so that whoever reads a record gets what there is of it. */
  async *block(length: number): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of this.feed.take(length)) {
        this.last = (this.last + Buffer.from(piece.subarray(-SEPARATOR_BYTES)).toString('latin1')).slice(
          -SEPARATOR_BYTES,
        )
        yield piece
      }
    } catch (error) {
      if (!(error instanceof ArchiveFault) || error.reason !== 'damaged_archive') throw error
      this.damage = error
    }
  }

  /** Goes on to an offset, or as far as there is something. */
  async skipTo(at: number): Promise<void> {
    if (this.damage === undefined) for await (const _ of this.block(at - this.position));
  }

  /** Offset of the first record that begins after an offset; undefined when none does. */
  async findRecord(from: number): Promise<number | undefined> {
    await this.open(Math.max(0, from - 1))
    for (;;) {
      const piece = await this.feed.peek(SCAN_BYTES)
      const found = FIRST_LINE.exec(piece.toString('latin1'))
      if (found !== null) return this.position + found.index + 1
      if (piece.byteLength < SCAN_BYTES) {
        await this.feed.skip(piece.byteLength)
        return undefined
      }
      this.#spend(piece.byteLength)
      await this.feed.skip(piece.byteLength - FIRST_LINE_BYTES)
    }
  }

  async close(): Promise<void> {
    await this.#feed?.close()
    this.#feed = undefined
  }

  #spend(bytes: number): void {
    this.#budget.left! -= bytes
    if (this.#budget.left! < 0)
      throw new ArchiveFault(
        'inflates_too_much',
        `so many of its records have a wrong length that it would have to be read more than MAX_REREADS, ${MAX_REREADS} times`,
      )
  }
}

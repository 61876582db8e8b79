import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ERASURE_FILE, readErasure, syncFolder, writeErasure } from './erasure-file.ts'
import { holdFolder, type HeldFolder } from './folder-lock.ts'
import { fileExists, guarded, RowFile, type BlockRows, type Damage } from './row-file.ts'
import { columnOffsets, type FileIdentity } from './row-format.ts'
import type { RowPlace, RowSpan, RowStore } from './row-store.ts'

export const ROWS_FILE = 'rows'
export const PARTIAL_FILE = 'rows.partial'
/** Most rows of a block: what one erasure writes anew, 0.5 MB at 512 numbers. */
const BLOCK_ROWS = 1024
/** Blocks that one erasure writes before the next ones: about 35 MB at 512 numbers. */
const BLOCKS_PER_ERASURE = 64
/** A file is written anew at opening when more of its rows than this are removed ones, */
const MOST_REMOVED_SHARE = 1 / 8
/** or when it has so many times the blocks it needs, and more than a few: each costs a read. */
const MOST_BLOCK_GROWTH = 16
const FEW_BLOCKS = 4096

/** What is to be done with rows as they come; loading goes on meanwhile. */
type OnLoaded = (spans: RowSpan[]) => Promise<void>

/** The gallery's files in one folder: what memory holds, kept in step with it. */
export class RowPersistence {
  readonly damage: Damage[] = []
  #folder: string
  #identity: FileIdentity
  #file: RowFile
  #held: HeldFolder
  /** Rows that are wiped in memory and not yet in the file. */
  #owed: RowPlace[] = []

  private constructor(folder: string, identity: FileIdentity, file: RowFile, held: HeldFolder) {
    this.#folder = folder
    this.#identity = identity
    this.#file = file
    this.#held = held
  }

  get fileBytes(): number {
    return this.#file.bytes
  }

  /** Opens or makes the files in a folder, which nobody else may have open. */
  static async open(folder: string, identity: FileIdentity): Promise<RowPersistence> {
    const held = await guarded(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return holdFolder(folder)
    })
    try {
      const rowsPath = path.join(folder, ROWS_FILE)
      await rm(path.join(folder, PARTIAL_FILE), { force: true })
      const exists = await fileExists(rowsPath)
      const file = exists ? await RowFile.open(rowsPath, identity) : undefined
      if (file !== undefined) {
        await finishErasure(folder, file)
        return new RowPersistence(folder, identity, file, held)
      }
      const size = exists ? (await stat(rowsPath)).size : 0
      await rm(rowsPath, { force: true })
      await rm(path.join(folder, ERASURE_FILE), { force: true })
      const made = new RowPersistence(folder, identity, await RowFile.create(rowsPath, identity), held)
      await syncFolder(folder)
      if (exists) {
        const reason = 'the header is not what was written'
        made.damage.push({ file: rowsPath, offsetBytes: 0, kind: 'damaged', reason, droppedBytes: size })
      }
      return made
    } catch (error) {
      await held.release()
      throw error
    }
  }

  /**
   * Loads all that can be trusted, after writing the file anew if too much of it is of no use.
   */
  async load(rows: RowStore, onLoaded: OnLoaded): Promise<void> {
    await this.#loadOnce(rows, onLoaded)
    const removed = rows.rows - rows.alive
    const wasteful = removed > rows.rows * MOST_REMOVED_SHARE
    const needed = Math.ceil(rows.rows / BLOCK_ROWS)
    const scattered = this.#file.blocks > Math.max(FEW_BLOCKS, needed * MOST_BLOCK_GROWTH)
    if (!wasteful && !scattered) return
    const lastId = rows.lastId
    await this.#writeAnew(rows)
    rows.clear()
    await this.#loadOnce(rows, onLoaded)
    rows.lastId = lastId
  }

  /** Appends rows of memory, which follow the last ones of the file. */
  async append(rows: RowStore, spans: readonly RowSpan[]): Promise<void> {
    const before = this.#file.rows
    try {
      for (const span of spans) {
        const { ids } = rows.shards[span.shard]
        const firstId = ids[span.firstRow]
        const lastId = ids[span.firstRow + span.count - 1]
        await this.#file.append(pack(rows, span), span.count, firstId, lastId)
      }
    } catch (error) {
      await this.#file.cutTo(before)
      throw error
    }
  }

  /** Overwrites the blocks of rows that are wiped in memory; fsynced when it resolves. [Note: erasing in place] */
  async erase(rows: RowStore, places: readonly RowPlace[]): Promise<void> {
    const capacity = rows.layout.capacity
    // What an attempt left on a full disk is done by the next.
    this.#owed.push(...places)
    const blocks = this.#file.blocksOf(this.#owed.map(({ shard, row }) => shard * capacity + row))
    for (let start = 0; start < blocks.length; start += BLOCKS_PER_ERASURE) {
      const rewritten = blocks.slice(start, start + BLOCKS_PER_ERASURE).map((block) => {
        const { firstRow, count } = this.#file.rowsOf(block)
        const span = { shard: Math.floor(firstRow / capacity), firstRow: firstRow % capacity, count }
        const { ids } = rows.shards[span.shard]
        const [firstId, lastId] = [ids[span.firstRow], ids[span.firstRow + count - 1]]
        return this.#file.rewritten(block, pack(rows, span), firstId, lastId)
      })
      await writeErasure(this.#folder, rewritten)
      for (const { offsetBytes, bytes } of rewritten) await this.#file.overwrite(offsetBytes, bytes)
      await this.#file.sync()
      await rm(path.join(this.#folder, ERASURE_FILE))
    }
    this.#owed = []
  }

  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.sync()
    await this.#file.close()
    await this.#held.release()
  }

  async #loadOnce(rows: RowStore, onLoaded: OnLoaded): Promise<void> {
    const later: Promise<void>[] = []
    const damage = await this.#file.load(async (block) => {
      const spans = await rows.reserve(block.header.count)
      unpack(rows, spans, block)
      rows.publish(spans)
      const work = onLoaded(spans)
      // Its failure is thrown below; until then nobody waits for it.
      work.catch(() => undefined)
      later.push(work)
    })
    await Promise.all(later)
    if (damage !== undefined) this.damage.push(damage)
  }

  async #writeAnew(rows: RowStore): Promise<void> {
    const partial = path.join(this.#folder, PARTIAL_FILE)
    const file = await RowFile.create(partial, this.#identity)
    const places: RowPlace[] = []
    const flush = async (): Promise<void> => {
      if (places.length === 0) return
      const idOf = ({ shard, row }: RowPlace): number => rows.shards[shard].ids[row]
      await file.append(
        packPlaces(rows, places),
        places.length,
        idOf(places[0]),
        idOf(places[places.length - 1]),
      )
      places.length = 0
    }
    for (const [shard, { rows: count }] of rows.shards.entries()) {
      for (let row = 0; row < count; row++) {
        if (!rows.isAlive({ shard, row })) continue
        places.push({ shard, row })
        if (places.length === BLOCK_ROWS) await flush()
      }
      // A block never spans two shards of memory, so that it can be packed again from one.
    }
    await flush()
    await file.sync()
    await file.close()
    await this.#file.close()
    const target = path.join(this.#folder, ROWS_FILE)
    await rename(partial, target)
    await syncFolder(this.#folder)
    this.#file = (await RowFile.open(target, this.#identity))!
  }
}

/** Bytes of one row in a block: id, scale, day, tag, int8 template. */
function packedRowBytes(rows: RowStore): number {
  return 8 + 4 + 4 + 2 + rows.layout.rowBytes
}

/** Columns of a span one after another. */
function pack(rows: RowStore, { shard, firstRow, count }: RowSpan): Buffer {
  const { ids, scales, days, tags, int8 } = rows.shards[shard]
  const { rowBytes } = rows.layout
  const end = firstRow + count
  return Buffer.concat(
    [
      ids.slice(firstRow, end),
      scales.slice(firstRow, end),
      days.slice(firstRow, end),
      tags.slice(firstRow, end),
      int8.slice(firstRow * rowBytes, end * rowBytes),
    ].map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
    count * packedRowBytes(rows),
  )
}

function packPlaces(rows: RowStore, places: readonly RowPlace[]): Buffer {
  const packed = Buffer.alloc(places.length * packedRowBytes(rows))
  const { rowBytes } = rows.layout
  const count = places.length
  const columns = columnOffsets(count)
  places.forEach(({ shard, row }, i) => {
    const { ids, scales, days, tags, int8 } = rows.shards[shard]
    packed.writeDoubleLE(ids[row], i * 8)
    packed.writeFloatLE(scales[row], columns.scales + i * 4)
    packed.writeInt32LE(days[row], columns.days + i * 4)
    packed.writeUInt16LE(tags[row], columns.tags + i * 2)
    packed.set(int8.subarray(row * rowBytes, (row + 1) * rowBytes), columns.int8 + i * rowBytes)
  })
  return packed
}

/** Writes a block's columns into reserved rows. */
function unpack(rows: RowStore, spans: readonly RowSpan[], { header, payload }: BlockRows): void {
  const { rowBytes } = rows.layout
  const columns = columnOffsets(header.count)
  let done = 0
  for (const { shard: number, firstRow, count } of spans) {
    const shard = rows.shards[number]
    const copy = (target: ArrayBufferView, from: number, width: number): void => {
      const bytes = new Uint8Array(target.buffer, target.byteOffset + firstRow * width, count * width)
      bytes.set(payload.subarray(from + done * width, from + (done + count) * width))
    }
    copy(shard.ids, 0, 8)
    copy(shard.scales, columns.scales, 4)
    copy(shard.days, columns.days, 4)
    copy(shard.tags, columns.tags, 2)
    copy(shard.int8, columns.int8, rowBytes)
    done += count
  }
}

/** Puts in place what a crash kept from it. [Note: erasing in place] */
async function finishErasure(folder: string, file: RowFile): Promise<void> {
  for (const { offsetBytes, bytes } of await readErasure(folder)) await file.overwrite(offsetBytes, bytes)
  await file.sync()
  await rm(path.join(folder, ERASURE_FILE), { force: true })
}

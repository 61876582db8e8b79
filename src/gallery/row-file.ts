import { open, stat, type FileHandle } from 'node:fs/promises'
import { AppError, reasonOf } from '../errors.ts'
import {
  BLOCK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  openBlock,
  readBlockHeader,
  readFileHeader,
  encodeBlock,
  writeFileHeader,
  type BlockHeader,
  type FileIdentity,
} from './row-format.ts'

/** Part of a file that cannot be trusted. */
export interface Damage {
  file: string
  /** Where the part begins, in bytes. */
  offsetBytes: number
  /** `unfinished`: the file ends in the middle, as after a power cut. `damaged`: bytes are not what was written. */
  kind: 'unfinished' | 'damaged'
  reason: string
  /** Everything from `offsetBytes` on is dropped; the record feeds it again. */
  droppedBytes: number
}

/** Where a block lies, and which of the file's rows it holds. */
interface BlockPlace {
  offsetBytes: number
  bytes: number
  firstRow: number
  count: number
}

/** What a block holds, as it is loaded or saved. */
export interface BlockRows {
  header: BlockHeader
  payload: Buffer
}

/**
 * Rows in one file: a header, then blocks one after another, each with its count, ids and checksums. What follows a block
 * that is not whole is not trusted either, so what the file holds is always every row up to some id.
 */
export class RowFile {
  readonly path: string
  #handle: FileHandle
  #identity: FileIdentity
  #blocks: BlockPlace[] = []
  #rows = 0
  #end = FILE_HEADER_BYTES
  /** Why the file can no longer be written; what it holds is still true. */
  #failure: AppError | undefined

  private constructor(path: string, handle: FileHandle, identity: FileIdentity) {
    this.path = path
    this.#handle = handle
    this.#identity = identity
  }

  get bytes(): number {
    return this.#end
  }

  get rows(): number {
    return this.#rows
  }

  get blocks(): number {
    return this.#blocks.length
  }

  /** Makes a new file; one of that name must not exist. */
  static async create(path: string, identity: FileIdentity): Promise<RowFile> {
    return guarded(path, async () => {
      const handle = await open(path, 'wx+', 0o600)
      await handle.write(writeFileHeader(identity), 0, FILE_HEADER_BYTES, 0)
      await handle.sync()
      return new RowFile(path, handle, identity)
    })
  }

  /** Opens a file and reads its header; undefined when that is not whole. A header of something else is refused. */
  static async open(path: string, identity: FileIdentity): Promise<RowFile | undefined> {
    return guarded(path, async () => {
      const handle = await open(path, 'r+')
      const header = Buffer.alloc(FILE_HEADER_BYTES)
      const { bytesRead } = await handle.read(header, 0, FILE_HEADER_BYTES, 0)
      try {
        if (bytesRead < FILE_HEADER_BYTES || !readFileHeader(header, identity, path)) {
          await handle.close()
          return undefined
        }
      } catch (error) {
        await handle.close()
        throw error
      }
      return new RowFile(path, handle, identity)
    })
  }

  /**
   * Reads all blocks in order and gives each to `load`. Stops at the first that is not whole and cuts the file there.
   * @returns what was dropped, if anything
   */
  async load(load: (rows: BlockRows) => Promise<void>): Promise<Damage | undefined> {
    const { size } = await this.#handle.stat()
    const read = async (offset: number, bytes: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(bytes)
      const { bytesRead } = await this.#handle.read(buffer, 0, bytes, offset)
      return buffer.subarray(0, bytesRead)
    }
    let lastId = 0
    // Each read brings a payload and the header after it, so that the next read is under way while a block is checked.
    let headerBytes = await read(this.#end, BLOCK_HEADER_BYTES)
    let reading: Promise<Buffer> | undefined
    while (this.#end < size) {
      const offset = this.#end
      if (headerBytes.length < BLOCK_HEADER_BYTES) {
        return this.#drop(offset, size, 'unfinished', 'a block header is cut off')
      }
      const header = readBlockHeader(headerBytes, this.#identity)
      if (header === undefined || header.number !== this.#blocks.length || header.firstId <= lastId) {
        await reading
        return this.#drop(offset, size, 'damaged', 'a block header is not what was written')
      }
      const bytes = BLOCK_HEADER_BYTES + header.payloadBytes
      if (offset + bytes > size) return this.#drop(offset, size, 'unfinished', 'a block is cut off')
      const all = await (reading ?? read(offset + BLOCK_HEADER_BYTES, bytes))
      const nextHeader = all.subarray(header.payloadBytes)
      const next =
        nextHeader.length < BLOCK_HEADER_BYTES ? undefined : readBlockHeader(nextHeader, this.#identity)
      const nextOffset = offset + bytes + BLOCK_HEADER_BYTES
      reading = next && read(nextOffset, Math.min(next.payloadBytes + BLOCK_HEADER_BYTES, size - nextOffset))
      const payload = openBlock(headerBytes, header, all.subarray(0, header.payloadBytes), this.#identity)
      if (payload === undefined) {
        await reading
        return this.#drop(offset, size, 'damaged', 'the checksum of a block is wrong')
      }
      await load({ header, payload })
      lastId = header.lastId
      this.#place(offset, bytes, header.count)
      headerBytes = nextHeader
    }
    return undefined
  }

  /** Appends a block. On failure the file is cut back to what it held. */
  async append(payload: Buffer, count: number, firstId: number, lastId: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const header = { number: this.#blocks.length, count, firstId, lastId }
    const block = encodeBlock(header, payload, this.#identity)
    const offset = this.#end
    try {
      await guarded(this.path, () => writeAll(this.#handle, block, offset))
    } catch (error) {
      await this.#handle.truncate(offset).catch((cause: unknown) => {
        const message = `The gallery file ${this.path} could not be cut back after a failed write: ${reasonOf(cause)}.`
        this.#failure = new AppError('storage_read_only', `${message} Restart to go on.`, { cause })
      })
      throw error
    }
    this.#place(offset, block.length, count)
  }

  /** Cuts off the blocks after row `rows`, which must be where a block ends: takes back what was appended. */
  async cutTo(rows: number): Promise<void> {
    while (this.#rows > rows) {
      const block = this.#blocks.pop()!
      this.#rows = block.firstRow
      this.#end = block.offsetBytes
    }
    await this.#handle.truncate(this.#end)
  }

  /** Numbers of the blocks that hold these rows of the file. */
  blocksOf(rows: readonly number[]): number[] {
    return [...new Set(rows.map((row) => this.#blocks.findLastIndex(({ firstRow }) => firstRow <= row)))]
  }

  /** First row and count of a block. */
  rowsOf(block: number): { firstRow: number; count: number } {
    const { firstRow, count } = this.#blocks[block]
    return { firstRow, count }
  }

  /** A block with other contents for the same rows, as bytes for `overwrite`. */
  rewritten(
    block: number,
    payload: Buffer,
    firstId: number,
    lastId: number,
  ): { offsetBytes: number; bytes: Buffer } {
    const { offsetBytes, count } = this.#blocks[block]
    const bytes = encodeBlock({ number: block, count, firstId, lastId }, payload, this.#identity)
    return { offsetBytes, bytes }
  }

  async overwrite(offsetBytes: number, bytes: Buffer): Promise<void> {
    await guarded(this.path, () => writeAll(this.#handle, bytes, offsetBytes))
  }

  async sync(): Promise<void> {
    await guarded(this.path, () => this.#handle.datasync())
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  #place(offsetBytes: number, bytes: number, count: number): void {
    this.#blocks.push({ offsetBytes, bytes, firstRow: this.#rows, count })
    this.#rows += count
    this.#end = offsetBytes + bytes
  }

  async #drop(offsetBytes: number, size: number, kind: Damage['kind'], reason: string): Promise<Damage> {
    await guarded(this.path, async () => {
      await this.#handle.truncate(offsetBytes)
      await this.#handle.sync()
    })
    return { file: this.path, offsetBytes, kind, reason, droppedBytes: size - offsetBytes }
  }
}

/** False only when there is none: what cannot be looked at is not taken for absent. */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, offset + written)
    written += bytesWritten
  }
}

/** Turns what the file system refuses into what people can act on. */
export async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new AppError(
        'storage_full',
        `There is no room left for the gallery file ${path}; nothing was added.`,
        {
          cause: error,
        },
      )
    }
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
      throw new AppError(
        'storage_read_only',
        `The gallery file ${path} cannot be written: ${reasonOf(error)}.`,
        {
          cause: error,
        },
      )
    }
    throw error
  }
}

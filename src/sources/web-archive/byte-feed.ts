import { open, type FileHandle } from 'node:fs/promises'

const CHUNK_BYTES = 64 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Bytes that can be read from anywhere: a file, a part of one, memory, an original in the vault. */
export interface ByteSource {
  readonly byteLength: number
  /** From an offset to the end. */
  read(from: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Bytes of which a part can be looked at as a whole of its own. */
export interface RangedBytes extends ByteSource {
  part(start: number, length: number): ByteSource
}

export async function fileBytes(file: string): Promise<RangedBytes> {
  const handle = await open(file, 'r')
  const { size } = await handle.stat()
  const part = (start: number, length: number): ByteSource => ({
    byteLength: length,
    read: (from) => chunksOf(handle, start + from, start + length),
    async close() {},
  })
  return { ...part(0, size), part, close: () => handle.close() }
}

async function* chunksOf(handle: FileHandle, from: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < end;) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

export function memoryBytes(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.byteLength,
    async *read(from) {
      for (let at = from; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
    },
    async close() {},
  }
}

/** Takes lines and counted bytes from a stream of chunks; memory stays within one chunk and one line. */
export class ByteFeed {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)
  #ended = false
  /** Bytes taken so far. */
  position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next line without its line end; undefined at the end of the bytes. @throws RangeError when it is longer than `limit` */
  async line(limit: number): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#held.indexOf(LINE_FEED)
      if (end >= 0 && end <= limit) {
        const line = this.#cut(end + 1)
        return line.subarray(0, line.at(-2) === CARRIAGE_RETURN ? -2 : -1)
      }
      if (end > limit || this.#held.byteLength > limit) throw new RangeError('a line is too long')
      if (!(await this.#more()))
        return this.#held.byteLength === 0 ? undefined : this.#cut(this.#held.byteLength)
    }
  }

  /** Up to `count` bytes, fewer at the end of the bytes. */
  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#held.byteLength === 0 && !(await this.#more())) return
      const piece = this.#cut(Math.min(left, this.#held.byteLength))
      left -= piece.byteLength
      yield piece
    }
  }

  /** @returns how many bytes there were to skip */
  async skip(count: number): Promise<number> {
    let skipped = 0
    for await (const piece of this.take(count)) skipped += piece.byteLength
    return skipped
  }

  /** The next bytes without taking them; fewer at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.byteLength < count && (await this.#more()));
    return this.#held.subarray(0, count)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #cut(count: number): Buffer {
    const piece = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    this.position += count
    return piece
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const { value, done } = await this.#chunks.next()
    if (done === true) {
      this.#ended = true
      return false
    }
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#held = this.#held.byteLength === 0 ? chunk : Buffer.concat([this.#held, chunk])
    return true
  }
}

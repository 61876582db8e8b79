const BLOCK = 512
const SIZE_AT = 124
const SIZE_BYTES = 12
const TYPE_AT = 156
/** The first bit of a number that is written in base 256 (GNU). */
const BASE_256 = 0x80
const DIRECTORY = '5'
const EXTENDED_HEADER = 'x'
/** Longer headers end tar-stream's reading. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024
/** What decoders put in the place of bytes that are not UTF-8. */
export const REPLACED = '\ufffd'

interface ExtendedHeader {
  parts: Buffer[]
  size: number
  /** Bytes that are still to come, padding included. */
  missing: number
}

/**
 * Names in extended headers (POSIX.1-2001, pax) that are not UTF-8, as bytes. The standard wants UTF-8, but programs that do
 * not know how a name is encoded write it as it is (libarchive and Python with `hdrcharset=BINARY`, GNU tar without); and
 * tar-stream decodes them, after which the bytes are lost. So this looks at the same blocks as they pass.
 */
export class PaxNames {
  /** Of entries in their order; only names that cannot be decoded as they are. */
  readonly #names: Buffer[] = []
  #header: Buffer = Buffer.alloc(0)
  /** Bytes of the present entry that are still to come, padding included. */
  #skip = 0
  #extended: ExtendedHeader | undefined
  /** What extended headers say of the entry after them. */
  #size: number | undefined
  #name: Buffer | undefined

  /** The bytes of the next name in which decoding as UTF-8 puts {@link REPLACED}; asked for in the order of the entries. */
  take(): Buffer | undefined {
    return this.#names.shift()
  }

  /** Takes what the parser gets, before it. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.byteLength) {
      const rest = chunk.byteLength - at
      if (this.#skip > 0) {
        const passed = Math.min(rest, this.#skip)
        if (this.#extended !== undefined) this.#collect(chunk.subarray(at, at + passed), this.#extended)
        this.#skip -= passed
        at += passed
        continue
      }
      const part = chunk.subarray(at, at + BLOCK - this.#header.byteLength)
      this.#header = this.#header.byteLength === 0 ? part : Buffer.concat([this.#header, part])
      at += part.byteLength
      if (this.#header.byteLength < BLOCK) continue
      this.#begin(this.#header)
      this.#header = Buffer.alloc(0)
    }
  }

  #begin(header: Buffer): void {
    const type = String.fromCharCode(header[TYPE_AT])
    const isExtended = type === EXTENDED_HEADER
    const isOfEntry = !isExtended && !['g', 'L', 'K'].includes(type)
    const size = isOfEntry ? (this.#size ?? sizeOf(header)) : sizeOf(header)
    if (isOfEntry) {
      if (this.#name?.toString('utf8').includes(REPLACED) === true) this.#names.push(this.#name)
      this.#size = undefined
      this.#name = undefined
    }
    this.#skip = type === DIRECTORY ? 0 : Math.ceil(size / BLOCK) * BLOCK
    this.#extended =
      isExtended && size > 0 && size <= MAX_HEADER_BYTES
        ? { parts: [], size, missing: this.#skip }
        : undefined
  }

  #collect(part: Buffer, extended: ExtendedHeader): void {
    extended.parts.push(part)
    extended.missing -= part.byteLength
    if (extended.missing > 0) return
    const fields = fieldsOf(Buffer.concat(extended.parts).subarray(0, extended.size))
    this.#extended = undefined
    const size = Number.parseInt(fields.get('size')?.toString('latin1') ?? '', 10)
    this.#size = Number.isSafeInteger(size) && size >= 0 ? size : undefined
    this.#name = fields.get('path')
  }
}

/** `LENGTH KEY=VALUE\n`, one after the other; the length is of the whole line. */
function fieldsOf(header: Buffer): Map<string, Buffer> {
  const fields = new Map<string, Buffer>()
  for (let at = 0; at < header.byteLength;) {
    const space = header.indexOf(0x20, at)
    const length = space < 0 ? Number.NaN : Number.parseInt(header.toString('latin1', at, space), 10)
    if (!(length > 0)) break
    const equals = header.indexOf(0x3d, space)
    const end = at + length
    if (equals >= 0 && equals < end)
      fields.set(header.toString('latin1', space + 1, equals), header.subarray(equals + 1, end - 1))
    at = end
  }
  return fields
}

function sizeOf(header: Buffer): number {
  const field = header.subarray(SIZE_AT, SIZE_AT + SIZE_BYTES)
  if ((field[0] & BASE_256) !== 0) return field.readUIntBE(SIZE_BYTES - 6, 6)
  return Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim(), 8) || 0
}

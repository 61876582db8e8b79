/** One picture's description in a TIFF file, and in the camera raws that are built like one (TIFF 6.0, section 2; BigTIFF). */
export interface TiffDirectory {
  /** Where it stands in the file's chain of pages, from 0; undefined for one below a page (SubIFDs, TIFF Technical Note 1). */
  page: number | undefined
  /** The page it stands below, and its place there; undefined for a page. */
  below: { page: number; place: number } | undefined
  tags: ReadonlyMap<number, TiffTag>
}

interface TiffTag {
  /** Numbers of it, at most {@link MAX_VALUES}; empty for texts and kinds that are not read. */
  values: number[]
  text: string | undefined
}

/** Numbers of the tags that are asked for here (TIFF 6.0, DNG 1.7). */
export const TIFF_TAG = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  stripByteCounts: 279,
  planarConfiguration: 284,
  tileWidth: 322,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  sampleFormat: 339,
  dngVersion: 50706,
} as const

/** More directories than this in a file are not followed; scanners write hundreds of pages. */
const MAX_DIRECTORIES = 4096
const MAX_ENTRIES = 1000
/** Numbers kept of one tag: places of tiles of a picture of 268 million pixels. */
const MAX_VALUES = 70_000
const MAX_TEXT = 200

/** Bytes of one value, by type of field: BYTE, ASCII, SHORT, LONG, then those of TIFF 6.0 and BigTIFF. */
const TYPE_BYTES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  13: 4,
  16: 8,
  18: 8,
}

/** All directories of a TIFF file in the order in which they are found; as far as they can be read, never an error. */
export function tiffDirectories(bytes: Uint8Array): TiffDirectory[] {
  const file = new TiffBytes(bytes)
  const found: TiffDirectory[] = []
  const seen = new Set<number>()
  let at = file.first
  for (let page = 0; at !== undefined && at > 0 && found.length < MAX_DIRECTORIES; page++) {
    if (seen.has(at)) break
    seen.add(at)
    const directory = file.directory(at)
    if (directory === undefined) break
    found.push({ page, below: undefined, tags: directory.tags })
    const places = directory.tags.get(TIFF_TAG.subDirectories)?.values ?? []
    for (const [place, offset] of places.slice(0, MAX_DIRECTORIES - found.length).entries()) {
      if (seen.has(offset)) continue
      seen.add(offset)
      const lower = file.directory(offset)
      if (lower !== undefined) found.push({ page: undefined, below: { page, place }, tags: lower.tags })
    }
    at = directory.next
  }
  return found
}

/** The first number of a tag. */
export function tiffNumber({ tags }: TiffDirectory, tag: number): number | undefined {
  return tags.get(tag)?.values[0]
}

class TiffBytes {
  readonly #view: DataView
  readonly #little: boolean
  readonly #big: boolean
  /** Place of the first directory; undefined: this is not built like a TIFF file. */
  readonly first: number | undefined

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#little = bytes[0] === 0x49
    this.#big = bytes.byteLength >= 16 && this.#number(2, 2) === 43
    this.first = bytes.byteLength < 16 ? undefined : this.#big ? this.#number(8, 8) : this.#number(4, 4)
  }

  directory(at: number): { tags: Map<number, TiffTag>; next: number | undefined } | undefined {
    const [head, entry, offsetBytes] = this.#big ? [8, 20, 8] : [2, 12, 4]
    const count = this.#number(at, head)
    if (count === undefined || count === 0 || count > MAX_ENTRIES) return undefined
    const tags = new Map<number, TiffTag>()
    for (let index = 0; index < count; index++) {
      const place = at + head + index * entry
      const tag = this.#number(place, 2)
      const type = this.#number(place + 2, 2)
      const values = this.#number(place + 4, offsetBytes)
      if (tag === undefined || type === undefined || values === undefined) return undefined
      tags.set(tag, this.#tag(type, values, place + 4 + offsetBytes, offsetBytes))
    }
    return { tags, next: this.#number(at + head + count * entry, offsetBytes) }
  }

  #tag(type: number, count: number, place: number, inlineBytes: number): TiffTag {
    const size = TYPE_BYTES[type]
    if (size === undefined) return { values: [], text: undefined }
    const at = size * count <= inlineBytes ? place : this.#number(place, inlineBytes)
    if (at === undefined) return { values: [], text: undefined }
    if (type === 2) return { values: [], text: this.#text(at, Math.min(count, MAX_TEXT)) }
    const values: number[] = []
    for (let index = 0; index < Math.min(count, MAX_VALUES); index++) {
      const value = this.#number(at + index * size, size)
      if (value === undefined) break
      values.push(value)
    }
    return { values, text: undefined }
  }

  #text(at: number, length: number): string {
    let text = ''
    for (let index = 0; index < length; index++) {
      const code = this.#number(at + index, 1)
      if (code === undefined || code === 0) break
      text += String.fromCharCode(code)
    }
    return text.trim()
  }

  /** Undefined where the file ends before. */
  #number(at: number, size: number): number | undefined {
    if (at < 0 || at + size > this.#view.byteLength) return undefined
    if (size === 1) return this.#view.getUint8(at)
    if (size === 2) return this.#view.getUint16(at, this.#little)
    if (size === 4) return this.#view.getUint32(at, this.#little)
    return Number(this.#view.getBigUint64(at, this.#little))
  }
}

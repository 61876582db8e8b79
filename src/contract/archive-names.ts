import { CODE_PAGES, decodeCodePage, likeliestCodePage, type CodePage } from './code-pages.ts'

/** A name as an archive holds it. */
export interface RawName {
  bytes: Uint8Array
  /** The archive says that the bytes are UTF-8. */
  isUtf8: boolean
  /** Extra fields of a zip's entry, as they stand. */
  extra?: Uint8Array
}

const UTF8_BYTES = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Info-ZIP Unicode Path: PKWARE's APPNOTE.TXT 6.3.10, 4.6.9. */
const UNICODE_PATH = 0x7075
const UNICODE_PATH_VERSION = 1
/** Names from which the code page is told; more of one archive say nothing new. */
const MAX_SAMPLES = 2000

/** Decodes the names of one archive; the service and the browser program share it, so that both show the same names. */
export class NameDecoder {
  readonly #page: CodePage | undefined

  constructor(page: CodePage | undefined) {
    this.#page = page
  }

  /**
   * The name: as the Unicode Path field has it when that belongs to these bytes, else UTF-8 when they are that, else in
   * the code page of the archive.
   */
  decode(raw: RawName): string {
    return unicodeOf(raw) ?? decodeCodePage(raw.bytes, this.#page ?? 'ibm866')
  }

  /** What programs that guess another code page show for it; a list may name it so. */
  otherReadings(raw: RawName): string[] {
    if (raw.isUtf8 || raw.bytes.every((byte) => byte < 128)) return []
    return [...new Set(CODE_PAGES.map((page) => decodeCodePage(raw.bytes, page)))]
  }
}

/** Collects names of an archive until its code page can be told. */
export class CodePageOfNames {
  readonly #samples: Uint8Array[] = []

  add(raw: RawName): void {
    if (this.#samples.length < MAX_SAMPLES && unicodeOf(raw) === undefined) this.#samples.push(raw.bytes)
  }

  decoder(): NameDecoder {
    return new NameDecoder(this.#samples.length === 0 ? undefined : likeliestCodePage(this.#samples))
  }
}

/** Whether a name can only be read in the code page of its archive. */
export function needsCodePage(raw: RawName): boolean {
  return unicodeOf(raw) === undefined
}

/** The name where it needs no code page. A flag that says UTF-8 of bytes that are none is not believed. */
function unicodeOf({ bytes, extra }: RawName): string | undefined {
  const path = extra === undefined ? undefined : unicodePath(bytes, extra)
  if (path !== undefined) return path
  try {
    return UTF8_BYTES.decode(bytes)
  } catch {
    return undefined
  }
}

function unicodePath(name: Uint8Array, extra: Uint8Array): string | undefined {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + view.getUint16(at + 2, true)) {
    const size = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) !== UNICODE_PATH || size < 6 || at + 4 + size > extra.byteLength) continue
    // Its checksum is of the name that it stands for: a program that renamed the entry left the field behind.
    if (extra[at + 4] !== UNICODE_PATH_VERSION || view.getUint32(at + 5, true) !== crc32(name)) continue
    try {
      return UTF8_BYTES.decode(extra.subarray(at + 9, at + 4 + size))
    } catch {
      continue
    }
  }
  return undefined
}

/** CRC-32 of ISO 3309, as zip has it; browsers have none of their own. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}

import { createReadStream } from 'node:fs'
import { MAX_MANIFEST_LINE_BYTES } from '../limits.ts'

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1251'

/** One line without its line end; `text` is undefined when it is longer than `MAX_MANIFEST_LINE_BYTES`. */
export interface TextLine {
  number: number
  text: string | undefined
}

const SAMPLE_BYTES = 64 * 1024
/** Of a text in UTF-8 with a few damaged bytes most non-ASCII sequences are valid; of Windows-1251 hardly any are. */
const MIN_VALID_SHARE = 0.9

/**
 * The encoding of a text file: by its byte-order mark, by the zero bytes of UTF-16, by whether its bytes are UTF-8
 * (the whole file is read), else Windows-1251.
 */
export async function detectEncoding(file: string): Promise<TextEncoding> {
  let first = true
  const tally: Utf8Tally = { valid: 0, invalid: 0, open: 0 }
  for await (const chunk of createReadStream(file, {
    highWaterMark: SAMPLE_BYTES,
  }) as AsyncIterable<Buffer>) {
    if (first) {
      const wide = utf16Of(chunk)
      if (wide !== undefined) return wide
      first = false
    }
    tallyUtf8(chunk, tally)
  }
  return encodingBy(tally)
}

/** The same for a text that is in memory, whole. */
export function encodingOfBytes(bytes: Buffer): TextEncoding {
  const wide = utf16Of(bytes.subarray(0, SAMPLE_BYTES))
  if (wide !== undefined) return wide
  const tally: Utf8Tally = { valid: 0, invalid: 0, open: 0 }
  tallyUtf8(bytes, tally)
  return encodingBy(tally)
}

/** The file's lines; memory stays within one line's limit however long the lines are. */
export async function* textLines(file: string, encoding: TextEncoding): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder(encoding)
  let number = 1
  let held = ''
  let tooLong = false
  const stream = createReadStream(file, { highWaterMark: SAMPLE_BYTES }) as AsyncIterable<Buffer>
  for await (const chunk of stream) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    for (let index = 0; index < lines.length; index++) {
      if (!tooLong) held += lines[index]
      if (held.length > MAX_MANIFEST_LINE_BYTES) {
        held = ''
        tooLong = true
      }
      if (index === lines.length - 1) break
      yield { number: number++, text: tooLong ? undefined : held.replace(/\r$/, '') }
      held = ''
      tooLong = false
    }
  }
  held += decoder.decode()
  if (tooLong || held !== '') yield { number, text: tooLong ? undefined : held }
}

function utf16Of(head: Buffer): TextEncoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  let even = 0
  let odd = 0
  for (let at = 0; at < head.length; at++) {
    if (head[at] !== 0) continue
    if (at % 2 === 0) even++
    else odd++
  }
  // Separators, digits and line ends of UTF-16 have a zero byte each, whatever the script; byte texts have none.
  if (odd + even < head.length / 50) return undefined
  return odd > even ? 'utf-16le' : 'utf-16be'
}

interface Utf8Tally {
  valid: number
  invalid: number
  /** Continuation bytes still due. */
  open: number
}

function encodingBy({ valid, invalid }: Utf8Tally): TextEncoding {
  const sequences = valid + invalid
  return sequences === 0 || valid / sequences >= MIN_VALID_SHARE ? 'utf-8' : 'windows-1251'
}

function tallyUtf8(chunk: Buffer, tally: Utf8Tally): void {
  for (const byte of chunk) {
    const continues = (byte & 0xc0) === 0x80
    if (tally.open > 0) {
      if (continues) {
        if (--tally.open === 0) tally.valid++
        continue
      }
      tally.invalid++
      tally.open = 0
    }
    if (byte < 0x80) continue
    if (byte >= 0xc2 && byte <= 0xdf) tally.open = 1
    else if (byte >= 0xe0 && byte <= 0xef) tally.open = 2
    else if (byte >= 0xf0 && byte <= 0xf4) tally.open = 3
    else tally.invalid++
  }
}

import { createReadStream } from 'node:fs'
import { decodeCodePage, likeliestCodePage, type CodePage } from '../contract/code-pages.ts'
import { MAX_MANIFEST_LINE_BYTES } from './limits.ts'

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | CodePage

/** One line without its line end; `text` is undefined when it is longer than `MAX_MANIFEST_LINE_BYTES`. */
export interface TextLine {
  number: number
  text: string | undefined
}

const SAMPLE_BYTES = 64 * 1024
/** Bytes beyond ASCII from which a code page is told, with their neighbours; more say nothing new. */
const CODE_PAGE_SAMPLE_BYTES = 64 * 1024
/** Of a text in UTF-8 with a few damaged bytes most non-ASCII sequences are valid; of a code page hardly any are. */
const MIN_VALID_SHARE = 0.9

/**
 * The encoding of a text file: by its byte-order mark, by the zero bytes of UTF-16, by whether its bytes are UTF-8
 * (the whole file is read), else the code page that it is likeliest in, see [Note: code pages].
 */
export async function detectEncoding(file: string): Promise<TextEncoding> {
  let first = true
  const tally: Utf8Tally = { valid: 0, invalid: 0, open: 0, sample: [] }
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
  const tally: Utf8Tally = { valid: 0, invalid: 0, open: 0, sample: [] }
  for (let at = 0; at < bytes.byteLength; at += SAMPLE_BYTES)
    tallyUtf8(bytes.subarray(at, at + SAMPLE_BYTES), tally)
  return encodingBy(tally)
}

/** A text that is in memory, decoded as a file of lists would be, without byte-order mark. */
export function decodeText(bytes: Buffer): string {
  const decoder = decoderOf(encodingOfBytes(bytes))
  return decoder(bytes) + decoder()
}

/** Lines of a text in memory, as `textLines` gives those of a file. */
export async function* linesOf(text: string): AsyncGenerator<TextLine> {
  yield* linesFrom(chunksOf(text))
}

function* chunksOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += SAMPLE_BYTES) yield text.slice(at, at + SAMPLE_BYTES)
}

/** @returns gives the text of the next bytes; without bytes what is left at the end */
function decoderOf(encoding: TextEncoding): (chunk?: Uint8Array) => string {
  if (encoding !== 'utf-8' && encoding !== 'utf-16le' && encoding !== 'utf-16be')
    return (chunk) => (chunk === undefined ? '' : decodeCodePage(chunk, encoding))
  const decoder = new TextDecoder(encoding)
  return (chunk) => (chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }))
}

/** The file's lines; memory stays within one line's limit however long the lines are. */
export async function* textLines(file: string, encoding: TextEncoding): AsyncGenerator<TextLine> {
  yield* linesFrom(decoded(file, encoding))
}

async function* decoded(file: string, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = decoderOf(encoding)
  const stream = createReadStream(file, { highWaterMark: SAMPLE_BYTES }) as AsyncIterable<Buffer>
  for await (const chunk of stream) yield decoder(chunk)
  yield decoder()
}

async function* linesFrom(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<TextLine> {
  let number = 1
  let held = ''
  let tooLong = false
  for await (const chunk of chunks) {
    const lines = chunk.split('\n')
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
  if (tooLong || held !== '') yield { number, text: tooLong ? undefined : held.replace(/\r$/, '') }
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
  /** Words with bytes beyond ASCII. */
  sample: Uint8Array[]
}

function encodingBy({ valid, invalid, sample }: Utf8Tally): TextEncoding {
  const sequences = valid + invalid
  if (sequences === 0 || valid / sequences >= MIN_VALID_SHARE) return 'utf-8'
  return likeliestCodePage(sample)
}

function tallyUtf8(chunk: Buffer, tally: Utf8Tally): void {
  if (tally.sample.length === 0 && chunk.some((byte) => byte >= 0x80))
    tally.sample.push(chunk.subarray(0, CODE_PAGE_SAMPLE_BYTES))
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

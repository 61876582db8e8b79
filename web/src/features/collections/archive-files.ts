import type { Entry, FileEntry } from '@zip.js/zip.js'
import { CodePageOfNames, type RawName } from '../../../../src/contract/archive-names.ts'
import type { NamedFile } from './named-file.ts'

/** A file to send; reading it may fail, in an archive. */
export interface Sendable {
  name: string
  read: () => Promise<Uint8Array>
  /** A video, or a web archive, which the service checks and keeps as evidence: it is sent whole, in parts. */
  whole?: File
}

/** An archive that could not be opened, with the reason. */
export class BrokenArchive extends Error {
  readonly archive: string

  constructor(archive: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.archive = archive
  }
}

/** First bytes of a zip archive: PKWARE's APPNOTE, 4.3.7 local file header and 4.3.16 end of an empty one. */
const ZIP_STARTS = new Set(['PK\u0003\u0004', 'PK\u0005\u0006'])
/** What stands after a zip's end is passed over, as far as the service does. */
const ZIP_OPTIONS = { maxAppendedDataSize: 64 * 1024 * 1024 }
/** What the library says of entries that it cannot take out, by the service's words for it. */
const REFUSALS: Record<string, string> = {
  'Compression method not supported': 'unsupported_compression',
  'File contains encrypted entry': 'encrypted_entry',
  'Split zip file': 'split_archive',
}
/** Enough to tell what a file is. */
const HEAD_BYTES = 4096
/** Larger ones are no photos, and must not fill the browser's memory; the service takes none either. */
const MAX_ENTRY_BYTES = 64 * 1024 * 1024

/**
 * Files to send, those of zip archives one by one in place of the archive: archives are opened here and read piece by
 * piece, so that the service keeps nothing but photos. Web archives are evidence themselves and go as they are.
 * @throws BrokenArchive
 */
export async function sendables(files: readonly NamedFile[]): Promise<Sendable[]> {
  const all: Sendable[] = []
  for (const { name, file } of files) {
    const read = async (): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer())
    if (await isWebArchive(file)) all.push({ name, read, whole: file })
    else if (await isZip(file)) all.push(...(await entriesOf(name, file)))
    else all.push({ name, read, ...(goesInParts(file) ? { whole: file } : {}) })
  }
  return all
}

/** Whether a file goes in parts though it is no web archive: what is a video is settled by the service, by content. */
function goesInParts(file: File): boolean {
  return file.type.startsWith('video/') || file.size > MAX_ENTRY_BYTES
}

/** The service's word for what is wrong with an archive or an entry of it; null when it has none. */
export function refusalOf(message: string): string | null {
  return REFUSALS[message] ?? null
}

async function isZip(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  return ZIP_STARTS.has(String.fromCodePoint(...head))
}

/** WARC (plain or gzip), WACZ, MHTML or a saved page, by content. */
async function isWebArchive(file: File): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const head = new TextDecoder('latin1').decode(bytes)
  if (head.startsWith('WARC/')) return true
  if (head.startsWith('\u001f\u2039') || (bytes[0] === 0x1f && bytes[1] === 0x8b))
    return (await inflatedHead(file)).startsWith('WARC/')
  if (await isZip(file)) return isWacz(file)
  if (/^content-type:\s*multipart\/related/im.test(head) && /^[a-z-]+:/i.test(head)) return true
  return /^\s*(<!--[\s\S]*?-->\s*)*<(!doctype html|html)[\s>]/i.test(head.replace(/^ï»¿/, ''))
}

async function inflatedHead(file: File): Promise<string> {
  try {
    const reader = file.slice(0, HEAD_BYTES).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
    const { value } = await reader.read()
    void reader.cancel().catch(() => undefined)
    return new TextDecoder('latin1').decode(value).slice(0, 16)
  } catch {
    return ''
  }
}

async function isWacz(file: File): Promise<boolean> {
  try {
    const { BlobReader, ZipReader, configure } = await import('@zip.js/zip.js')
    configure({ useWebWorkers: false })
    const entries = await new ZipReader(new BlobReader(file), ZIP_OPTIONS).getEntries()
    return entries.some(({ filename }) => /^archive\/.*\.warc(\.gz)?$/i.test(filename))
  } catch {
    return false
  }
}

function rawName({ rawFilename, filenameUTF8, rawExtraField }: Entry): RawName {
  return { bytes: rawFilename, isUtf8: filenameUTF8, extra: rawExtraField }
}

async function entriesOf(archive: string, file: File): Promise<Sendable[]> {
  const { BlobReader, Uint8ArrayWriter, ZipReader, configure } = await import('@zip.js/zip.js')
  // Its workers would be made from text, which the service's content policy forbids.
  configure({ useWebWorkers: false })
  try {
    const entries = await new ZipReader(new BlobReader(file), ZIP_OPTIONS).getEntries()
    const pages = new CodePageOfNames()
    for (const entry of entries) pages.add(rawName(entry))
    const decoder = pages.decoder()
    return entries
      .filter((entry): entry is FileEntry => !entry.directory)
      .map((entry) => ({
        name: `${archive}/${decoder.decode(rawName(entry))}`,
        read: async () => {
          if (entry.uncompressedSize > MAX_ENTRY_BYTES) {
            throw new Error(`${entry.uncompressedSize} bytes; at most ${MAX_ENTRY_BYTES} are taken`)
          }
          return entry.getData(new Uint8ArrayWriter(), { checkSignature: true })
        },
      }))
  } catch (error) {
    throw new BrokenArchive(archive, error)
  }
}

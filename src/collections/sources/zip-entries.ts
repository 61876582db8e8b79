import yauzl from 'yauzl'
import { reasonOf } from '../../errors.ts'
import { MAX_VIDEO_BYTES } from '../../video/limits.ts'
import { INFLATION_ALLOWANCE_BYTES, MAX_INFLATION_RATIO } from '../limits.ts'
import { collectItem, type ArchiveEntry } from './archive-source.ts'
import { tooManyBytes } from './read-file-item.ts'
import { refusedBytes, type ItemBytes, type Refusal, type WorkingPlace } from './source-item.ts'

// Meaning of these fields: APPNOTE.TXT 6.3.10, sections 4.4.4, 4.4.2 and 4.4.15
const FLAG_ENCRYPTED = 0x0001
const FLAG_UTF8_NAME = 0x0800
const MADE_BY_UNIX = 3
const UNIX_TYPE_MASK = 0o170000
const UNIX_LINK = 0o120000

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Zip names without the UTF-8 flag are, in this part of the world, in the DOS code page for Cyrillic. */
const dosCyrillic = new TextDecoder('ibm866')

/** The entries of a zip archive. */
export async function* zipEntries(file: string): AsyncGenerator<ArchiveEntry> {
  let zip
  try {
    zip = await yauzl.openPromise(file, { lazyEntries: true, decodeStrings: false, autoClose: false })
  } catch (error) {
    yield damaged(error)
    return
  }
  let inflated = 0
  try {
    for await (const entry of zip.eachEntry()) {
      inflated += entry.uncompressedSize
      const name = nameOf(entry)
      const read: ArchiveEntry['read'] = (place) => readEntry(zip, entry, place)
      yield { name, kind: kindOf(entry, name), refusal: refusalOf(entry, inflated, zip.fileSize), read }
    }
  } catch (error) {
    yield damaged(error)
  } finally {
    zip.close()
  }
}

function nameOf(entry: yauzl.Entry): string {
  const raw = entry.fileNameRaw
  if ((entry.generalPurposeBitFlag & FLAG_UTF8_NAME) !== 0) return raw.toString('utf8')
  try {
    return utf8.decode(raw)
  } catch {
    return dosCyrillic.decode(raw)
  }
}

function kindOf(entry: yauzl.Entry, name: string): ArchiveEntry['kind'] {
  if (name.endsWith('/')) return 'folder'
  const unixMode = entry.versionMadeBy >> 8 === MADE_BY_UNIX ? entry.externalFileAttributes >>> 16 : 0
  return (unixMode & UNIX_TYPE_MASK) === UNIX_LINK ? 'link' : 'file'
}

function refusalOf(entry: yauzl.Entry, inflated: number, archiveBytes: number): Refusal | undefined {
  if ((entry.generalPurposeBitFlag & FLAG_ENCRYPTED) !== 0) {
    return {
      reason: 'encrypted_entry',
      detail: 'It is encrypted; unpack the archive with its password first.',
    }
  }
  if (entry.uncompressedSize > MAX_VIDEO_BYTES) {
    const result = tooManyBytes(entry.uncompressedSize)
    return result.ok ? undefined : result.refusal
  }
  // Entries that share their compressed bytes are caught by comparing with the archive's own size.
  if (inflated > INFLATION_ALLOWANCE_BYTES && inflated > archiveBytes * MAX_INFLATION_RATIO) {
    return inflatesTooMuch()
  }
  return undefined
}

export function inflatesTooMuch(): Refusal {
  return {
    reason: 'inflates_too_much',
    detail: `The archive inflates to more than MAX_INFLATION_RATIO, ${MAX_INFLATION_RATIO} times its size, as photos never do.`,
  }
}

async function readEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  place: WorkingPlace | undefined,
): Promise<ItemBytes> {
  try {
    const stream = await zip.openReadStreamPromise(entry)
    const item = await collectItem(stream, entry.uncompressedSize, place)
    return item ?? tooManyBytes(entry.uncompressedSize)
  } catch (error) {
    return refusedBytes('damaged_archive', `It could not be unpacked: ${reasonOf(error)}.`)
  }
}

function damaged(error: unknown): ArchiveEntry {
  const detail = `The archive is damaged from here on: ${reasonOf(error)}.`
  return {
    name: '(rest of the archive)',
    kind: 'file',
    refusal: { reason: 'damaged_archive', detail },
    async read() {
      return refusedBytes('damaged_archive', detail)
    },
  }
}

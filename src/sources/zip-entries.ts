import type { Entry } from 'yauzl'
import { reasonOf } from '../errors.ts'
import { MAX_VIDEO_BYTES } from '../video/limits.ts'
import { INFLATION_ALLOWANCE_BYTES, MAX_INFLATION_RATIO } from './limits.ts'
import { collectItem, type ArchiveEntry } from './archive-source.ts'
import { openZip, type OpenZip } from './open-zip.ts'
import { isOfSystem, tooManyBytes } from './read-file-item.ts'
import { refusedBytes, type ItemBytes, type WorkingPlace } from './source-item.ts'
import { type Refusal } from './refusal.ts'
import { unreadMethod } from './unpack.ts'
import { fileBytes, type RangedBytes } from './web-archive/byte-feed.ts'
import { ArchiveFault } from './web-archive/capture.ts'

// Meaning of these fields: APPNOTE.TXT 6.3.10, section 4.4.2
const MADE_BY_UNIX = 3
const UNIX_TYPE_MASK = 0o170000
const UNIX_LINK = 0o120000

/** The entries of a zip archive. */
export async function* zipEntries(file: string): AsyncGenerator<ArchiveEntry> {
  let bytes: RangedBytes
  try {
    bytes = await fileBytes(file)
  } catch (error) {
    yield endOfArchive({ reason: 'read_failed', detail: `The archive cannot be read: ${reasonOf(error)}.` })
    return
  }
  try {
    const zip = await openZip(bytes)
    let inflated = 0
    for await (const { name, otherNames, facts } of zip.entries()) {
      inflated += facts.uncompressedSize
      yield {
        name,
        otherNames,
        kind: kindOf(facts, name),
        refusal: refusalOf(facts, inflated, bytes.byteLength),
        read: (place) => readEntry(zip, facts, place),
      }
    }
  } catch (error) {
    const detail = `The archive cannot be read from here on: ${reasonOf(error)}.`
    yield endOfArchive({ reason: reasonFor(error), detail })
  } finally {
    await bytes.close()
  }
}

/** A disk that does not give what is on it is no damage to the archive. */
function reasonFor(error: unknown): Refusal['reason'] {
  if (error instanceof ArchiveFault) return error.reason
  if (/strong encryption/.test(reasonOf(error))) return 'encrypted_entry'
  return isOfSystem(error) ? 'read_failed' : 'damaged_archive'
}

function kindOf(entry: Entry, name: string): ArchiveEntry['kind'] {
  if (/[/\\]$/.test(name)) return 'folder'
  const unixMode = entry.versionMadeBy >> 8 === MADE_BY_UNIX ? entry.externalFileAttributes >>> 16 : 0
  return (unixMode & UNIX_TYPE_MASK) === UNIX_LINK ? 'link' : 'file'
}

function refusalOf(entry: Entry, inflated: number, archiveBytes: number): Refusal | undefined {
  if (entry.isEncrypted()) {
    return {
      reason: 'encrypted_entry',
      detail: 'It is encrypted; unpack the archive with its password first.',
    }
  }
  const unread = unreadMethod(entry.compressionMethod)
  if (unread !== undefined) return { reason: 'unsupported_compression', detail: `It is ${unread}.` }
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

async function readEntry(zip: OpenZip, entry: Entry, place: WorkingPlace | undefined): Promise<ItemBytes> {
  try {
    const item = await collectItem(zip.read(entry), entry.uncompressedSize, place)
    return item ?? tooManyBytes(entry.uncompressedSize)
  } catch (error) {
    const reason = isOfSystem(error) ? 'read_failed' : 'damaged_archive'
    return refusedBytes(reason, `It could not be unpacked: ${reasonOf(error)}.`)
  }
}

function endOfArchive(refusal: Refusal): ArchiveEntry {
  return {
    name: '(rest of the archive)',
    kind: 'file',
    refusal,
    async read() {
      return { ok: false, refusal }
    },
  }
}

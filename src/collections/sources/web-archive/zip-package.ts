import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import yauzl from 'yauzl'
import { reasonOf } from '../../../errors.ts'
import { unsafePath } from '../safe-path.ts'
import { memoryBytes, type ByteSource, type RangedBytes } from './byte-feed.ts'
import { ArchiveFault, type Place } from './capture.ts'
import { MAX_PACKAGE_FILES, MAX_WHOLE_BYTES } from './archive-limits.ts'

// APPNOTE.TXT 6.3.10, section 4.4.5
const STORED = 0
const DEFLATED = 8

/** Where a file of a zip stands in it. */
export type Member = Required<Pick<Place, 'member' | 'from' | 'bytes'>> & Pick<Place, 'deflated'>

/** The files of a zip whose parts can be read at any place. */
export interface ZipPackage {
  /** Names in their order, without folders. */
  names: string[]
  /** Names that lead out of the package, or that come twice. */
  unsafe: string[]
  doubled: string[]
  sizeOf(name: string): number
  /** @throws ArchiveFault */
  locate(name: string): Promise<Member>
  /** @throws ArchiveFault */
  open(name: string): Promise<ByteSource>
  close(): void
}

/** @throws ArchiveFault when it is no zip, or has more files than `MAX_PACKAGE_FILES` */
export async function openZipPackage(bytes: RangedBytes): Promise<ZipPackage> {
  const zip = await openZip(bytes)
  try {
    const { entries, unsafe, doubled } = await filesOf(zip)
    const locate = async (name: string): Promise<Member> => {
      const entry = entries.get(name)
      if (entry === undefined) throw new ArchiveFault('damaged_archive', `the package has no ${name}`)
      if (entry.isEncrypted()) throw new ArchiveFault('encrypted_entry', `${name} is encrypted`)
      const method = entry.compressionMethod
      if (method !== STORED && method !== DEFLATED)
        throw new ArchiveFault(
          'damaged_archive',
          `${name} is compressed in a way that is not read here (${method})`,
        )
      const from = await dataStart(zip, entry, name)
      const place = { member: name, from, bytes: entry.compressedSize }
      return method === STORED ? place : { ...place, deflated: true }
    }
    return {
      names: [...entries.keys()],
      unsafe,
      doubled,
      sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
      locate,
      open: async (name) => memberBytes(bytes, await locate(name)),
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    if (error instanceof ArchiveFault) throw error
    throw new ArchiveFault('damaged_archive', `the zip's list of files cannot be read (${reasonOf(error)})`)
  }
}

/** A part of a zip; one that the zip compresses again cannot be read at a place and is held in memory. @throws ArchiveFault */
export async function memberBytes(
  zip: RangedBytes,
  { member, from, bytes, deflated }: Member,
): Promise<ByteSource> {
  const part = zip.part(from, bytes)
  if (deflated !== true) return part
  const inflate = createInflateRaw()
  const parts: Buffer[] = []
  let length = 0
  const feeding = (async () => {
    for await (const chunk of part.read(0)) {
      if (inflate.destroyed) return
      await new Promise<void>((resolve) => {
        inflate.once('close', resolve)
        inflate.write(chunk, () => resolve())
      })
      inflate.removeAllListeners('close')
    }
    inflate.end()
  })()
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      length += chunk.byteLength
      if (length > MAX_WHOLE_BYTES)
        throw new ArchiveFault(
          'too_many_bytes',
          `${member} is compressed by the zip and larger than MAX_WHOLE_BYTES, ${MAX_WHOLE_BYTES / 1024 / 1024} MB; pack it again without compression (zip -0)`,
        )
      parts.push(chunk)
    }
  } catch (error) {
    if (error instanceof ArchiveFault) throw error
    throw new ArchiveFault('damaged_archive', `${member} cannot be unpacked (${reasonOf(error)})`)
  } finally {
    inflate.destroy()
    await feeding
  }
  return memoryBytes(Buffer.concat(parts, length))
}

async function openZip(bytes: RangedBytes): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.fromRandomAccessReaderPromise(new RangeReader(bytes), bytes.byteLength, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
    })
  } catch (error) {
    throw new ArchiveFault('damaged_archive', `the zip cannot be opened (${reasonOf(error)})`)
  }
}

/** Lets the zip's list be read from wherever the bytes are. */
class RangeReader extends yauzl.RandomAccessReader {
  readonly #bytes: RangedBytes

  constructor(bytes: RangedBytes) {
    super()
    this.#bytes = bytes
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#bytes.part(start, end - start).read(0))
  }
}

async function filesOf(
  zip: yauzl.ZipFile,
): Promise<{ entries: Map<string, yauzl.Entry>; unsafe: string[]; doubled: string[] }> {
  const entries = new Map<string, yauzl.Entry>()
  const unsafe: string[] = []
  const doubled: string[] = []
  let count = 0
  for await (const entry of zip.eachEntry()) {
    if (++count > MAX_PACKAGE_FILES)
      throw new ArchiveFault(
        'too_many_entries',
        `the zip has more than MAX_PACKAGE_FILES, ${MAX_PACKAGE_FILES} files`,
      )
    const name = entry.fileNameRaw.toString('utf8')
    if (name.endsWith('/')) continue
    if (unsafePath(name) !== undefined) unsafe.push(name)
    else if (entries.has(name)) doubled.push(name)
    else entries.set(name, entry)
  }
  return { entries, unsafe, doubled }
}

/** Text of a small file in the package. @throws ArchiveFault */
export async function textInPackage(zip: ZipPackage, name: string, limit: number): Promise<string> {
  if (zip.sizeOf(name) > limit)
    throw new ArchiveFault('too_many_bytes', `${name} has more than ${limit} bytes`)
  const source = await zip.open(name)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source.read(0)) {
    bytes += chunk.byteLength
    if (bytes > limit) throw new ArchiveFault('too_many_bytes', `${name} has more than ${limit} bytes`)
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function dataStart(zip: yauzl.ZipFile, entry: yauzl.Entry, name: string): Promise<number> {
  try {
    return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart
  } catch (error) {
    throw new ArchiveFault('damaged_archive', `${name} cannot be found in the zip (${reasonOf(error)})`)
  }
}

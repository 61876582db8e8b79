import type { Entry } from 'yauzl'
import { reasonOf } from '../../errors.ts'
import { openZip, type OpenZip } from '../open-zip.ts'
import { unsafePath } from '../safe-path.ts'
import { DEFLATED, inflated, STORED, unreadMethod, type PackedPart } from '../unpack.ts'
import { memoryBytes, type ByteSource, type RangedBytes } from './byte-feed.ts'
import { ArchiveFault, type Place } from './capture.ts'
import { MAX_PACKAGE_FILES, MAX_WHOLE_BYTES } from './archive-limits.ts'

/** Of Deflate64, which photos in a zip may have and which no web archive has: its parts are not read at a place. */
const RARE_METHOD = 'compressed with Deflate64; pack it again without compression (zip -0)'

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
}

/** @throws ArchiveFault when it is no zip, or has more files than `MAX_PACKAGE_FILES` */
export async function openZipPackage(bytes: RangedBytes): Promise<ZipPackage> {
  const zip = await openZip(bytes)
  const { entries, unsafe, doubled } = await filesOf(zip)
  const locate = async (name: string): Promise<Member> => {
    const entry = entries.get(name)
    if (entry === undefined) throw new ArchiveFault('damaged_archive', `the package has no ${name}`)
    if (entry.isEncrypted()) throw new ArchiveFault('encrypted_entry', `${name} is encrypted`)
    const { compressionMethod: method } = entry
    if (method !== STORED && method !== DEFLATED)
      throw new ArchiveFault('unsupported_compression', `${name} is ${unreadMethod(method) ?? RARE_METHOD}`)
    const { from, bytes: length } = await located(zip, entry, name)
    const place = { member: name, from, bytes: length }
    return method === STORED ? place : { ...place, deflated: true }
  }
  return {
    names: [...entries.keys()],
    unsafe,
    doubled,
    sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
    locate,
    open: async (name) => memberBytes(bytes, await locate(name)),
  }
}

/** A part of a zip; one that the zip compresses again cannot be read at a place and is held in memory. @throws ArchiveFault */
export async function memberBytes(
  zip: RangedBytes,
  { member, from, bytes, deflated }: Member,
): Promise<ByteSource> {
  const part = zip.part(from, bytes)
  if (deflated !== true) return part
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of inflated(part.read(0))) {
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
  }
  return memoryBytes(Buffer.concat(parts, length))
}

async function filesOf(
  zip: OpenZip,
): Promise<{ entries: Map<string, Entry>; unsafe: string[]; doubled: string[] }> {
  const entries = new Map<string, Entry>()
  const unsafe: string[] = []
  const doubled: string[] = []
  let count = 0
  try {
    for await (const { name, facts } of zip.entries()) {
      if (++count > MAX_PACKAGE_FILES)
        throw new ArchiveFault(
          'too_many_entries',
          `the zip has more than MAX_PACKAGE_FILES, ${MAX_PACKAGE_FILES} files`,
        )
      if (name.endsWith('/')) continue
      if (unsafePath(name) !== undefined) unsafe.push(name)
      else if (entries.has(name)) doubled.push(name)
      else entries.set(name, facts)
    }
  } catch (error) {
    if (error instanceof ArchiveFault) throw error
    throw new ArchiveFault('damaged_archive', `the zip's list of files cannot be read (${reasonOf(error)})`)
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

async function located(zip: OpenZip, entry: Entry, name: string): Promise<PackedPart> {
  try {
    return await zip.locate(entry)
  } catch (error) {
    throw new ArchiveFault('damaged_archive', `${name} cannot be found in the zip (${reasonOf(error)})`)
  }
}

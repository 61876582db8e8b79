import { hash } from 'node:crypto'
import { fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { AppError } from '../../errors.ts'
import { writeFileDurably } from '../vault/durable-files.ts'

/**
 * [Note: page checksums]
 * SQLite's database file has no checksums. Its pages change only when the write-ahead log is copied into it, and
 * Likeness does that itself, in one place (checkpoint.ts). There, each changed page's checksum goes into a file beside
 * the database: 8 bytes of SHA-256 a page, over the bytes as stored, encrypted or not. Whoever flips a byte of the
 * database, even one that no row uses, no longer fits its checksum. Before pages are copied their numbers are written as
 * pending, so a process killed on the way leaves pages whose checksums are known to be behind, not a false alarm.
 */
/** An earlier word for the same; the file's name has it, too. */
const MAGIC = 'LKSEAL1\n'
const HEADER_BYTES = 20
const DIGEST_BYTES = 8
const TRAILER_BYTES = 32

export interface PageChecksums {
  pageBytes: number
  /** `DIGEST_BYTES` a page, in page order. */
  digests: Uint8Array
  /** Pages (1-based) that may have changed since; their digests say nothing. */
  pending: number[]
}

/** The checksums, or undefined when there are none yet. @throws AppError `corrupt_record` when they are damaged */
export function readChecksums(file: string): PageChecksums | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - TRAILER_BYTES))
  const good =
    body.length >= HEADER_BYTES &&
    body.toString('latin1', 0, MAGIC.length) === MAGIC &&
    hash('sha256', body, 'buffer').equals(bytes.subarray(body.length))
  if (!good) {
    throw new AppError('corrupt_record', 'record.seal is damaged. `likeness doctor --repair` makes it anew.')
  }
  const pages = body.readUInt32LE(12)
  const pendingCount = body.readUInt32LE(16)
  const pendingAt = HEADER_BYTES + pages * DIGEST_BYTES
  return {
    pageBytes: body.readUInt32LE(8),
    digests: new Uint8Array(body.subarray(HEADER_BYTES, pendingAt)),
    pending: Array.from({ length: pendingCount }, (_, index) => body.readUInt32LE(pendingAt + index * 4)),
  }
}

export function writeChecksums(file: string, checksums: PageChecksums): void {
  const pages = checksums.digests.length / DIGEST_BYTES
  const body = Buffer.alloc(HEADER_BYTES + checksums.digests.length + checksums.pending.length * 4)
  body.write(MAGIC, 'latin1')
  body.writeUInt32LE(checksums.pageBytes, 8)
  body.writeUInt32LE(pages, 12)
  body.writeUInt32LE(checksums.pending.length, 16)
  body.set(checksums.digests, HEADER_BYTES)
  checksums.pending.forEach((page, index) =>
    body.writeUInt32LE(page, HEADER_BYTES + checksums.digests.length + index * 4),
  )
  writeFileDurably(file, Buffer.concat([body, hash('sha256', body, 'buffer')]))
}

/**
 * The checksums of the database file as it is now.
 * @param earlier its digests are kept for pages that are not in `changed`; undefined reads every page
 */
export function checksumPages(
  databaseFile: string,
  pageBytes: number,
  earlier: PageChecksums | undefined,
  changed: ReadonlySet<number>,
): PageChecksums {
  const descriptor = keptDescriptor(databaseFile)
  const pages = Math.floor(fstatSync(descriptor).size / pageBytes)
  const digests = new Uint8Array(pages * DIGEST_BYTES)
  const known = earlier !== undefined && earlier.pageBytes === pageBytes ? earlier.digests : new Uint8Array()
  digests.set(known.subarray(0, digests.length))
  const page = Buffer.alloc(pageBytes)
  for (let number = 1; number <= pages; number++) {
    if (number * DIGEST_BYTES <= known.length && !changed.has(number)) continue
    readSync(descriptor, page, 0, pageBytes, (number - 1) * pageBytes)
    digests.set(pageDigest(page), (number - 1) * DIGEST_BYTES)
  }
  return { pageBytes, digests, pending: [] }
}

/** The file that this thread reads pages of, opened. */
let kept: { file: string; inode: number; descriptor: number } | undefined

/**
 * [Note: locks of the database file]
 * POSIX takes all of a process's locks of a file away when the process closes any descriptor of it. SQLite's connections
 * would then stand without theirs, and another process that closes its own takes itself for the last one and deletes the
 * write-ahead log that this one goes on writing. So the descriptor stays open until the thread ends, which is after the
 * connections were closed (record.ts).
 */
function keptDescriptor(file: string): number {
  const inode = statSync(file).ino
  if (kept?.file !== file || kept.inode !== inode) {
    kept = { file, inode, descriptor: openSync(file, 'r') }
  }
  return kept.descriptor
}

/** Pages (1-based) of the database file that differ from their checksums; 0 stands for a wrong length of the file. */
export function brokenPages(databaseFile: string, checksums: PageChecksums): number[] {
  const now = checksumPages(databaseFile, checksums.pageBytes, undefined, new Set())
  const pending = new Set(checksums.pending)
  const broken: number[] = []
  const pages = checksums.digests.length / DIGEST_BYTES
  if (now.digests.length < checksums.digests.length) broken.push(0)
  for (let page = 1; page <= Math.min(pages, now.digests.length / DIGEST_BYTES); page++) {
    const [from, to] = [(page - 1) * DIGEST_BYTES, page * DIGEST_BYTES]
    if (pending.has(page)) continue
    if (Buffer.compare(now.digests.subarray(from, to), checksums.digests.subarray(from, to)) !== 0)
      broken.push(page)
  }
  return broken
}

function pageDigest(page: Uint8Array): Uint8Array {
  return hash('sha256', page, 'buffer').subarray(0, DIGEST_BYTES)
}

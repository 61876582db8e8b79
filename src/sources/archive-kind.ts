import { constants, gunzipSync } from 'node:zlib'
import type { Refusal } from './refusal.ts'

/** Bytes from which the kind of an archive is told. */
export const ARCHIVE_HEAD_BYTES = 4096
/** What so many bytes of gzip inflate to at most (1032 times, zlib's own bound), with room. */
const MAX_INFLATED_HEAD_BYTES = 8 * 1024 * 1024
/** 'ustar' stands at 257 of a tar (POSIX.1-1988, tar interchange format). */
const USTAR_AT = 257

/** Archives that are read, each on its own. */
export type ReadArchive = 'zip' | 'tar' | 'tar.gz' | 'WARC'
/** Archives and compressed files that are not read. */
export type UnreadArchive =
  | '7z'
  | 'RAR'
  | 'bzip2'
  | 'XZ'
  | 'LZMA'
  | 'Zstandard'
  | 'LHA'
  | 'ARJ'
  | 'Microsoft Cabinet'
  | 'compress (.Z)'
  | 'lzip'
  | 'gzip'
  | 'ARC'

const READ: ReadonlySet<string> = new Set<ReadArchive>(['zip', 'tar', 'tar.gz', 'WARC'])
/** First bytes, as the formats' own descriptions and the magic database of file(1) have them. */
const SIGNATURES: readonly (readonly [string, UnreadArchive | 'zip'])[] = [
  ['PK\u0003\u0004', 'zip'],
  ['PK\u0005\u0006', 'zip'],
  ['PK\u0007\u0008', 'zip'],
  ['PK00PK\u0003\u0004', 'zip'],
  ["7z\u00bc\u00af'\u001c", '7z'],
  ['Rar!\u001a\u0007', 'RAR'],
  ['RE~^', 'RAR'],
  ['\u00fd7zXZ\0', 'XZ'],
  ['\u0028\u00b5\u002f\u00fd', 'Zstandard'],
  ['\u0060\u00ea', 'ARJ'],
  ['MSCF\0\0\0\0', 'Microsoft Cabinet'],
  ['\u001f\u009d', 'compress (.Z)'],
  ['\u001f\u00a0', 'compress (.Z)'],
  ['LZIP\u0001', 'lzip'],
  ['filedesc://', 'ARC'],
]
/** Those that are told by more than their first bytes. */
const PATTERNS: readonly (readonly [RegExp, UnreadArchive])[] = [
  [/^BZh[1-9]1AY&SY/, 'bzip2'],
  [/^..-l[hz][0-9ds]-/s, 'LHA'],
]

/** Kind of archive or compressed file that bytes begin, gzip told apart by what is in it; undefined when they begin none. */
export function archiveKind(bytes: Uint8Array): ReadArchive | UnreadArchive | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, ARCHIVE_HEAD_BYTES))
  if (head[0] === 0x1f && head[1] === 0x8b) return kindInGzip(head)
  const text = head.toString('latin1')
  if (text.startsWith('ustar', USTAR_AT) || isOldTar(head)) return 'tar'
  if (isLzma(head)) return 'LZMA'
  return (
    SIGNATURES.find(([signature]) => text.startsWith(signature))?.[1] ??
    PATTERNS.find(([pattern]) => pattern.test(text))?.[1]
  )
}

/** LZMA alone has no signature: the usual properties, a dictionary of whole kilobytes, and a length that is unknown or short. */
function isLzma(head: Buffer): boolean {
  if (head.byteLength < 13 || head[0] !== 0x5d || head[1] !== 0 || head[2] !== 0) return false
  return head.subarray(5, 13).every((byte) => byte === 0xff) || head.readUInt32LE(9) === 0
}

/** Why a file that is an archive is not taken as a photo; undefined when it is none. */
export function archiveRefusal(head: Uint8Array): Refusal | undefined {
  const kind = archiveKind(head)
  if (kind === undefined) return undefined
  if (READ.has(kind))
    return {
      reason: 'nested_archive',
      detail: `It is itself an archive (${kind}); import it on its own.`,
    }
  if (kind === 'gzip')
    return {
      reason: 'unsupported_archive',
      detail: 'It is a single file compressed with gzip; unpack it first, or pack it as zip.',
    }
  if (kind === 'ARC')
    return {
      reason: 'unsupported_archive',
      detail:
        'It is a web archive in the ARC format, which came before WARC and is not read; convert it to WARC, for example with warcio recompress.',
    }
  return {
    reason: 'unsupported_archive',
    detail: `It is compressed with ${kind}, which is not read here; unpack it, or pack it as zip.`,
  }
}

function kindInGzip(head: Buffer): ReadArchive | UnreadArchive {
  let inside: Buffer
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_INFLATED_HEAD_BYTES }
    inside = gunzipSync(head, options)
  } catch {
    return 'gzip'
  }
  const text = inside.toString('latin1', 0, 512)
  if (text.startsWith('ustar', USTAR_AT) || isOldTar(inside)) return 'tar.gz'
  if (text.startsWith('WARC/')) return 'WARC'
  return text.startsWith('filedesc://') ? 'ARC' : 'gzip'
}

/** Tar before POSIX has no sign of its own but the sum of its header, which is of bytes with the sum itself as spaces. */
function isOldTar(header: Buffer): boolean {
  if (header.byteLength < 512 || header[0] === 0) return false
  const written = parseInt(header.toString('latin1', 148, 156).replaceAll(/[\0 ]/g, ''), 8)
  let sum = 8 * 0x20
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += header[at]
  return sum === written
}

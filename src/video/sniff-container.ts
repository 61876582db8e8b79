import { sniffFormat } from '../engine/decode/sniff.ts'

/** What kind of video file it is. */
export type Container = 'mp4' | 'mov' | '3gp' | 'mkv' | 'webm' | 'avi' | 'ts'

/** How many bytes {@link sniffContainer} looks at. */
export const CONTAINER_HEAD_BYTES = 1024

/** ffmpeg's reader for each: nothing else may read a file, so a playlist that calls itself a film stays shut. */
export const DEMUXERS: Record<Container, 'mov' | 'matroska' | 'avi' | 'mpegts'> = {
  mp4: 'mov',
  mov: 'mov',
  '3gp': 'mov',
  mkv: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  ts: 'mpegts',
}

/** Atoms with which QuickTime files without `ftyp` begin (QuickTime File Format, Apple 2001). */
const QUICKTIME_ATOMS = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'])
const SYNC_BYTE = 0x47
/** Length of a transport stream's packet, and of one with the time stamp that camcorders put before it. */
const PACKET_BYTES = 188
const STAMPED_PACKET_BYTES = 192

/**
 * Names a video's container from its first bytes, never from its name; undefined: it is no video.
 * Signatures: ISO/IEC 14496-12 `ftyp` brands, QuickTime atoms, EBML DocType (RFC 8794), RIFF AVI, MPEG-TS sync bytes
 * (ISO/IEC 13818-1).
 */
export function sniffContainer(bytes: Uint8Array): Container | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, CONTAINER_HEAD_BYTES))
  const kind = head.toString('latin1', 4, 8)
  if (kind === 'ftyp') return sniffFormat(head) === 'video' ? containerOfBrand(head) : undefined
  if (head.length >= 8 && QUICKTIME_ATOMS.has(kind) && isAtomLength(head)) return 'mov'
  if (head.toString('latin1', 0, 4) === '\x1a\x45\xdf\xa3') {
    return head.includes('webm') ? 'webm' : 'mkv'
  }
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'AVI ') return 'avi'
  if (hasSync(head, 0, PACKET_BYTES) || hasSync(head, 4, STAMPED_PACKET_BYTES)) return 'ts'
  return undefined
}

function containerOfBrand(head: Buffer): Container {
  const brand = head.toString('latin1', 8, 12)
  if (brand === 'qt  ') return 'mov'
  return /^3g[p2]/.test(brand) ? '3gp' : 'mp4'
}

/** Four letters may stand anywhere by chance; before an atom's name stands its length: 0, 1 or at least 8. */
function isAtomLength(head: Buffer): boolean {
  const length = head.readUInt32BE(0)
  return length <= 1 || length >= 8
}

function hasSync(head: Buffer, first: number, step: number): boolean {
  return [0, 1, 2].every((packet) => head[first + packet * step] === SYNC_BYTE)
}

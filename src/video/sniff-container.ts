import { sniffFormat } from '../engine/decode/sniff.ts'

/** What kind of video file it is. */
export type Container =
  | 'mp4'
  | 'mov'
  | '3gp'
  | 'mkv'
  | 'webm'
  | 'avi'
  | 'ts'
  | 'mpg'
  | 'wmv'
  | 'flv'
  | 'ogv'
  | 'dav'
  | 'h264'
  | 'h265'
  | 'm2v'
  | 'mjpeg'

/** How many bytes {@link sniffContainer} looks at. */
export const CONTAINER_HEAD_BYTES = 8192

/** FFmpeg's reader for each: nothing else may read a file, so a playlist that calls itself a film stays shut. */
export const DEMUXERS: Record<Container, string> = {
  mp4: 'mov',
  mov: 'mov',
  '3gp': 'mov',
  mkv: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  ts: 'mpegts',
  mpg: 'mpeg',
  wmv: 'asf',
  flv: 'flv',
  ogv: 'ogg',
  dav: 'dhav',
  h264: 'h264',
  h265: 'hevc',
  m2v: 'mpegvideo',
  mjpeg: 'mjpeg',
}

/** Atoms with which QuickTime files without `ftyp` begin (QuickTime File Format, Apple 2001). */
const QUICKTIME_ATOMS = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'])

/** Bytes that no other kind of file begins with. */
const SIGNATURES: [bytes: string, container: Container][] = [
  // ISO/IEC 13818-1: pack header of a program stream; ISO/IEC 13818-2: sequence header of a bare stream.
  ['\0\0\x01\xba', 'mpg'],
  ['\0\0\x01\xb3', 'm2v'],
  // The GUID of an ASF header object.
  ['\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c', 'wmv'],
  ['FLV\x01', 'flv'],
  // Recorders of Dahua and its resellers.
  ['DHAV', 'dav'],
]

/** Videos that are known and not read here. */
const UNREAD: [at: number, bytes: string, name: string][] = [
  [0, '.RMF', 'RealMedia'],
  [0, 'DKIF', 'IVF'],
  [0, 'YUV4MPEG2', 'YUV4MPEG'],
  [0, '\x06\x0e\x2b\x34\x02\x05\x01\x01', 'MXF'],
  [0, '\xb7\xd8\x00\x20\x37\x49\xda\x11', 'WTV'],
  [0, '\x1f\x07\x00', 'DV'],
  [0, 'IMKH', 'a Hikvision recording'],
  [0, 'nut/multimedia container', 'NUT'],
]

/**
 * Names a video's container from its first bytes, never from its name; undefined: it is no video.
 * Signatures: ISO/IEC 14496-12 `ftyp` brands, QuickTime atoms, EBML DocType (RFC 8794), RIFF AVI, MPEG-TS sync bytes
 * (ISO/IEC 13818-1), start codes of bare streams of H.264 and H.265 (annex B), two JPEG pictures one after the other.
 */
export function sniffContainer(bytes: Uint8Array): Container | undefined {
  const head = headOf(bytes)
  const kind = head.toString('latin1', 4, 8)
  if (kind === 'ftyp') return sniffFormat(head) === 'video' ? containerOfBrand(head) : undefined
  if (head.length >= 8 && QUICKTIME_ATOMS.has(kind) && isAtomLength(head)) return 'mov'
  if (begins(head, 0, '\x1a\x45\xdf\xa3')) return head.includes('webm') ? 'webm' : 'mkv'
  if (begins(head, 0, 'RIFF') && begins(head, 8, 'AVI ')) return 'avi'
  if (begins(head, 0, 'OggS')) return head.includes('theora') ? 'ogv' : undefined
  const known = SIGNATURES.find(([signature]) => begins(head, 0, signature))
  if (known !== undefined) return known[1]
  return sniffTransport(head) ?? sniffBareStream(head)
}

/** What kind of video it is that cannot be read here; undefined: it is none of those that are known. */
export function nameUnreadVideo(bytes: Uint8Array): string | undefined {
  const head = headOf(bytes)
  return UNREAD.find(([at, signature]) => begins(head, at, signature))?.[2]
}

function headOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, CONTAINER_HEAD_BYTES))
}

function begins(head: Buffer, at: number, signature: string): boolean {
  return head.toString('latin1', at, at + signature.length) === signature
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

const SYNC_BYTE = 0x47
/** Length of a transport stream's packet, with the time stamp that camcorders put before it, and with broadcasters' check. */
const PACKET_BYTES = [188, 192, 204]
/** So many sync bytes at even distances are no chance where the file does not begin with a whole packet. */
const PACKETS_ANYWHERE = 8
const PACKETS_AT_START = 3

/** Also a stream that was cut inside a packet, or has other bytes before it. */
function sniffTransport(head: Buffer): Container | undefined {
  const hasSync = (from: number, step: number, packets: number): boolean =>
    Array.from({ length: packets }, (_, at) => head[from + at * step]).every((byte) => byte === SYNC_BYTE)
  if (hasSync(0, 188, PACKETS_AT_START) || hasSync(4, 192, PACKETS_AT_START)) return 'ts'
  if (!['unknown', 'text'].includes(sniffFormat(head))) return undefined
  for (const step of PACKET_BYTES) {
    const last = head.length - step * (PACKETS_ANYWHERE - 1)
    for (let from = 0; from < last; from++) if (hasSync(from, step, PACKETS_ANYWHERE)) return 'ts'
  }
  return undefined
}

/** Where a unit of a bare stream begins (annex B of H.264 and H.265). */
const START_CODE = Buffer.from([0, 0, 1])
/** H.264: end of the five bits that say a unit's kind; its parameter sets. */
const H264_KIND = 0x1f
const H264_PARAMETERS = 7
const H264_FIRST = new Set([6, 7, 9])
/** H.265: the same, in six bits; its parameter sets of video. */
const H265_FIRST = new Set([32, 35, 39])
const H265_PARAMETERS = 32

/** A stream of a camera that was written down without a container: it begins with a start code and has parameter sets. */
function sniffBareStream(head: Buffer): Container | undefined {
  const first = head.indexOf(START_CODE)
  if (first < 0 || first > 1 || (first === 1 && head[0] !== 0)) return undefined
  const units: { h264: number; h265: number; byte: number; next: number }[] = []
  for (let at = first; at >= 0 && at + 4 < head.length; at = head.indexOf(START_CODE, at + 3)) {
    const byte = head[at + 3]
    units.push({ byte, h264: byte & H264_KIND, h265: (byte >> 1) & 0x3f, next: head[at + 4] })
  }
  // The first bit of a unit is always 0; H.265 has a second byte, which of parameter sets is 1.
  if (units.length < 2 || units.some(({ byte }) => byte >= 0x80)) return undefined
  if (H265_FIRST.has(units[0].h265) && units.some((unit) => unit.h265 === H265_PARAMETERS && unit.next === 1))
    return 'h265'
  return H264_FIRST.has(units[0].h264) && units.some((unit) => unit.h264 === H264_PARAMETERS)
    ? 'h264'
    : undefined
}

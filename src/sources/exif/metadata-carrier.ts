import { pngChunks, pngExif, withoutMark } from '../../engine/decode/png-exif.ts'
import { boxMetadata, type MetadataBlocks } from './box-metadata.ts'

/** Longest content of a JPEG segment, without its length (ITU-T T.81, B.1.1.4). */
const MAX_SEGMENT_BYTES = 65_533
const EXIF_MARK = Buffer.from('Exif\0\0', 'latin1')
const XMP_MARK = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')

/**
 * The metadata of a PNG, WebP, HEIC or AVIF file as a JPEG without a picture, the one carrier that the reader of EXIF knows
 * wholly; undefined when none is found, or the file is of another kind.
 */
export function metadataCarrier(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { exif, xmp } = blocksOf(bytes)
  const segments = [segment(EXIF_MARK, exif), segment(XMP_MARK, xmp)].filter((part) => part !== undefined)
  if (segments.length === 0) return exif === undefined ? undefined : new Uint8Array(exif)
  return new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, Buffer.from([0xff, 0xd9])]))
}

function segment(mark: Buffer, block: Uint8Array | undefined): Buffer | undefined {
  if (block === undefined || mark.byteLength + block.byteLength > MAX_SEGMENT_BYTES) return undefined
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(2 + mark.byteLength + block.byteLength, 2)
  return Buffer.concat([head, mark, block])
}

function blocksOf(bytes: Uint8Array): MetadataBlocks {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\x89PNG')) return pngBlocks(bytes)
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return webpBlocks(bytes)
  return head.startsWith('ftyp', 4) ? boxMetadata(bytes) : {}
}

const PNG_XMP = Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1')

/** XMP stands in a text chunk of this name, as a rule not packed and of no language (XMP part 3, 1.1.5). */
function pngBlocks(bytes: Uint8Array): MetadataBlocks {
  const exif = pngExif(bytes)
  for (const { type, data } of pngChunks(bytes)) {
    if (type !== 'iTXt' || !Buffer.from(data.subarray(0, PNG_XMP.byteLength)).equals(PNG_XMP)) continue
    return { ...(exif === undefined ? {} : { exif }), xmp: data.subarray(PNG_XMP.byteLength) }
  }
  return exif === undefined ? {} : { exif }
}

/** Chunks `EXIF` and `XMP ` of the RIFF container, after the picture (WebP Container Specification). */
function webpBlocks(bytes: Uint8Array): MetadataBlocks {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: MetadataBlocks = {}
  for (let at = 12; at + 8 <= file.byteLength;) {
    const type = file.toString('latin1', at, at + 4)
    const length = file.readUInt32LE(at + 4)
    const data = file.subarray(at + 8, at + 8 + length)
    if (type === 'EXIF') found.exif ??= withoutMark(data)
    if (type === 'XMP ') found.xmp ??= data
    at += 8 + length + (length % 2)
  }
  return found
}

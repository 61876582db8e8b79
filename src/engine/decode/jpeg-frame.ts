/** What a JPEG's frame header says (ITU-T T.81, B.2.2). */
export interface JpegFrame {
  width: number
  height: number
  /** Number of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, 9 and on arithmetic. */
  kind: number
  /** Bits of a sample. */
  precision: number
  components: number
}

/** Segments before the frame header; files with more are not gone through. */
const MAX_SEGMENTS = 200
const START_OF_SCAN = 0xda
const END_OF_IMAGE = 0xd9
const APP2 = 0xe2
/** Markers C0 to CF are frame headers, but for the tables DHT (C4), JPG (C8) and DAC (CC). */
const isFrameMarker = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** The frame header of the JPEG that begins at a place of a file; undefined when there is none before its data. */
export function jpegFrame(bytes: Uint8Array, start = 0): JpegFrame | undefined {
  for (const { marker, at, length } of segments(bytes, start)) {
    if (!isFrameMarker(marker) || length < 8) continue
    return {
      kind: marker - 0xc0,
      precision: bytes[at],
      height: word(bytes, at + 1),
      width: word(bytes, at + 3),
      components: bytes[at + 5],
    }
  }
  return undefined
}

const FRAME_WORDS: Record<number, string> = {
  3: 'lossless',
  5: 'hierarchical',
  6: 'hierarchical',
  7: 'lossless',
}

/** Why a sound JPEG is not read; undefined when it is of a kind that is. */
export function unreadJpegKind({ kind, precision }: JpegFrame): string | undefined {
  if (kind > 2) return `${FRAME_WORDS[kind] ?? 'arithmetic-coded'} JPEG`
  return precision === 8 ? undefined : `JPEG of ${precision} bits`
}

/**
 * Pictures in a file of several JPEGs (CIPA DC-007 Multi-Picture Format): those of panoramas and of several angles. Reduced
 * copies and gain maps, which belong to the first picture, do not count.
 */
export function multiPictureCount(bytes: Uint8Array): number {
  for (const { marker, at, length } of segments(bytes, 0)) {
    if (marker !== APP2 || length < 20 || latin(bytes, at, 4) !== 'MPF\0') continue
    return countEntries(bytes.subarray(at + 4, at + length - 2))
  }
  return 1
}

const MP_ENTRY_TAG = 0xb002
const MP_ENTRY_BYTES = 16
/** Class of an entry's attribute: 2 is multi-frame, whose pictures stand beside each other. */
const MULTI_FRAME_CLASS = 2

function countEntries(index: Uint8Array): number {
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength)
  const little = index[0] === 0x49
  const first = view.getUint32(4, little)
  if (first + 2 > index.byteLength) return 1
  const fields = view.getUint16(first, little)
  for (let field = 0; field < fields; field++) {
    const place = first + 2 + field * 12
    if (place + 12 > index.byteLength) return 1
    if (view.getUint16(place, little) !== MP_ENTRY_TAG) continue
    const entries = Math.floor(view.getUint32(place + 4, little) / MP_ENTRY_BYTES)
    const start = view.getUint32(place + 8, little)
    let others = 0
    for (let entry = 1; entry < entries; entry++) {
      const at = start + entry * MP_ENTRY_BYTES
      if (at + 4 > index.byteLength) break
      if (((view.getUint32(at, little) >> 16) & 0xff) === MULTI_FRAME_CLASS) others += 1
    }
    return 1 + others
  }
  return 1
}

function* segments(
  bytes: Uint8Array,
  start: number,
): Generator<{ marker: number; at: number; length: number }> {
  if (bytes[start] !== 0xff || bytes[start + 1] !== 0xd8) return
  let place = start + 2
  for (let count = 0; count < MAX_SEGMENTS; count++) {
    while (bytes[place] === 0xff && bytes[place + 1] === 0xff) place++
    if (bytes[place] !== 0xff) return
    const marker = bytes[place + 1]
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE || place + 4 > bytes.byteLength) return
    const length = word(bytes, place + 2)
    yield { marker, at: place + 4, length }
    place += 2 + length
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function latin(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(length, bytes.byteLength - at)).toString(
    'latin1',
  )
}

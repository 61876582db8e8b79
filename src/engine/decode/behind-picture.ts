/** Pictures of one size, one behind the other, that are taken for a film: a phone writes at most two. */
const FILM_FROM = 3
/** What may stand between two pictures of a film: lines of a server that sent them one by one. */
const MOST_BETWEEN_BYTES = 1024
const START = 0xd8
const END = 0xd9
const SCAN = 0xda
/** Application segment 2, in which `MPF` lists pictures that belong together (CIPA DC-007). */
const APPLICATION_2 = 0xe2
/** Start-of-frame segments: C0 to CF but for tables (C4, CC) and a reserved one (C8). */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc])
/** A box of Samsung's and Google's HEIC motion photos that holds an MP4 file. */
const MOTION_BOX = 'mpvd'
/** How many boxes of a HEIC file are looked at. */
const MAX_BOXES = 64

/** What a picture's file holds behind the picture. */
export interface Behind {
  /** A film of some seconds that the phone took with the picture. */
  hasVideo: boolean
  /** Pictures that follow and of which the first says nothing. */
  pictures: number
}

/**
 * Looks behind the end of a picture: JPEG, where an MP4 file or more pictures may follow, and HEIC, where a box may hold an
 * MP4 file or one may follow. Samsung, Google and Xiaomi write the one or the other; found by the bytes, whatever XMP says.
 */
export function behindPicture(bytes: Uint8Array): Behind {
  const file = bufferOf(bytes)
  if (isJpeg(file)) return behindJpeg(file)
  const isHeif = file.toString('latin1', 4, 8) === 'ftyp'
  return { hasVideo: isHeif && hasVideoBehindHeic(file), pictures: 0 }
}

/** Whether a file is motion JPEG, as cameras dump it: three pictures of one size one behind the other. No more are looked at. */
export function isMotionJpeg(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes)
  if (!isJpeg(file)) return false
  let first: Picture | undefined
  let count = 0
  for (const picture of pictures(file)) {
    first ??= picture
    if (picture.isSeveral || picture.size !== first.size) return false
    count += 1
    if (count === FILM_FROM) return mp4From(file, first.end) === undefined
  }
  return false
}

function behindJpeg(file: Buffer): Behind {
  let count = 0
  for (const { end, isSeveral } of pictures(file)) {
    count += 1
    if (count > 1) continue
    if (mp4From(file, end) !== undefined) return { hasVideo: true, pictures: 0 }
    // What a Multi-Picture file says of itself is counted from its index.
    if (isSeveral) break
  }
  return { hasVideo: false, pictures: Math.max(0, count - 1) }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isJpeg(file: Buffer): boolean {
  return file[0] === 0xff && file[1] === START
}

/** A JPEG picture inside a file. */
interface Picture {
  /** Byte behind its end. */
  end: number
  /** Height and width as they are written. */
  size: string
  /** Whether it says that others belong to it. */
  isSeveral: boolean
}

/** JPEG pictures that stand one behind the other from a file's beginning. */
function* pictures(file: Buffer): Generator<Picture> {
  for (let picture = pictureAt(file, 0); picture !== undefined;) {
    yield picture
    const { end } = picture
    const near = file.subarray(end, end + MOST_BETWEEN_BYTES + 3)
    const at = near.indexOf(Buffer.from([0xff, START, 0xff]))
    picture = at < 0 ? undefined : pictureAt(file, end + at)
  }
}

/** Where an MP4 file begins behind a picture: at a `ftyp` box whose length is that of one. */
function mp4From(file: Buffer, from: number): number | undefined {
  for (
    let at = file.indexOf('ftyp', from + 4, 'latin1');
    at >= 0;
    at = file.indexOf('ftyp', at + 4, 'latin1')
  ) {
    const length = file.readUInt32BE(at - 4)
    const next = at - 4 + length
    const isBox = length >= 16 && length <= 256 && next + 8 <= file.byteLength
    if (isBox && /^[a-z]{4}$/.test(file.toString('latin1', next + 4, next + 8))) return at - 4
  }
  return undefined
}

/** Walks one JPEG picture from its start to behind its end (ITU-T T.81, annex B). */
function pictureAt(file: Buffer, from: number): Picture | undefined {
  let size = ''
  let isSeveral = false
  for (let at = from + 2; at + 4 <= file.byteLength;) {
    if (file[at] !== 0xff) return undefined
    const marker = file[at + 1]
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === END) return { end: at + 2, size, isSeveral }
    const length = file.readUInt16BE(at + 2)
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) size = file.toString('hex', at + 5, at + 9)
    if (marker === APPLICATION_2 && file.toString('latin1', at + 4, at + 7) === 'MPF') isSeveral = true
    at += 2 + length
    if (marker === SCAN) at = endOfScan(file, at)
  }
  const isEnd =
    file.byteLength >= 2 && file[file.byteLength - 2] === 0xff && file[file.byteLength - 1] === END
  return isEnd ? { end: file.byteLength, size, isSeveral } : undefined
}

/** Coded data goes on to the first FF that is neither stuffed (00) nor a restart (D0 to D7). */
function endOfScan(file: Buffer, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at + 2)) {
    const next = file[at + 1]
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  return file.byteLength
}

function hasVideoBehindHeic(file: Buffer): boolean {
  let at = 0
  for (let box = 0; box < MAX_BOXES && at + 8 <= file.byteLength; box++) {
    const length = file.readUInt32BE(at)
    const kind = file.toString('latin1', at + 4, at + 8)
    // What begins a second file is behind the picture.
    if (kind === MOTION_BOX || (kind === 'ftyp' && at > 0)) return true
    if (length < 8) return false
    at += length
  }
  return at < file.byteLength && mp4From(file, at) !== undefined
}

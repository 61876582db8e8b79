/** Boxes of one level that are gone through; pictures have a handful. */
const MAX_BOXES = 1000
const MAX_ITEMS = 10_000

/** A box of an ISO base media file: its type and what is in it. */
interface Box {
  type: string
  data: Buffer
}

/** Blocks of metadata in a HEIF or AVIF file: EXIF as TIFF bytes, XMP as text. */
export interface MetadataBlocks {
  exif?: Uint8Array | undefined
  xmp?: Uint8Array
}

/**
 * Metadata items of a HEIF or AVIF file (ISO/IEC 23008-12 annex A; ISO/IEC 14496-12, 8.11): `iinf` names them, `iloc` says
 * where they are, in the file or in `idat`. What cannot be read is left out, never an error.
 */
export function boxMetadata(bytes: Uint8Array): MetadataBlocks {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const meta = [...boxes(file)].find(({ type }) => type === 'meta')
    if (meta === undefined) return {}
    const inside = [...boxes(meta.data.subarray(4))]
    const within = (type: string): Buffer | undefined => inside.find((box) => box.type === type)?.data
    const [items, places] = [within('iinf'), within('iloc')]
    if (items === undefined || places === undefined) return {}
    const found: MetadataBlocks = {}
    const at = itemPlaces(places)
    for (const { id, type, isXmp } of itemTypes(items)) {
      const place = at.get(id)
      if (place === undefined || (type !== 'Exif' && !isXmp)) continue
      const data = contentOf(place, file, within('idat'))
      if (type === 'Exif') found.exif ??= tiffOf(data)
      else found.xmp ??= data
    }
    return found
  } catch (error) {
    if (error instanceof RangeError) return {}
    throw error
  }
}

function* boxes(part: Buffer): Generator<Box> {
  let at = 0
  for (let count = 0; count < MAX_BOXES && at + 8 <= part.byteLength; count++) {
    const short = part.readUInt32BE(at)
    const head = short === 1 ? 16 : 8
    const size =
      short === 0 ? part.byteLength - at : short === 1 ? Number(part.readBigUInt64BE(at + 8)) : short
    if (size < head) return
    yield { type: part.toString('latin1', at + 4, at + 8), data: part.subarray(at + head, at + size) }
    at += size
  }
}

/** `iinf` holds one `infe` an item; from its version 2 it names a type of four letters. */
function* itemTypes(iinf: Buffer): Generator<{ id: number; type: string; isXmp: boolean }> {
  const countBytes = iinf[0] === 0 ? 2 : 4
  for (const { type, data } of boxes(iinf.subarray(4 + countBytes))) {
    if (type !== 'infe' || data[0] < 2) continue
    const idBytes = data[0] === 2 ? 2 : 4
    const kindAt = 4 + idBytes + 2
    yield {
      id: data.readUIntBE(4, idBytes),
      type: data.toString('latin1', kindAt, kindAt + 4),
      isXmp: data.toString('latin1', kindAt, kindAt + 4) === 'mime' && data.includes('application/rdf+xml'),
    }
  }
}

interface Place {
  isInData: boolean
  extents: { at: number; length: number }[]
}

function itemPlaces(iloc: Buffer): Map<number, Place> {
  const version = iloc[0]
  const [offsetBytes, lengthBytes] = [iloc[4] >> 4, iloc[4] & 15]
  const [baseBytes, indexBytes] = [iloc[5] >> 4, version === 0 ? 0 : iloc[5] & 15]
  let at = 6
  const take = (size: number): number => {
    at += size
    if (size === 0) return 0
    return size === 8 ? Number(iloc.readBigUInt64BE(at - size)) : iloc.readUIntBE(at - size, size)
  }
  const places = new Map<number, Place>()
  const count = Math.min(take(version < 2 ? 2 : 4), MAX_ITEMS)
  for (let item = 0; item < count; item++) {
    const id = take(version < 2 ? 2 : 4)
    const method = version === 0 ? 0 : take(2) & 15
    take(2)
    const base = take(baseBytes)
    const extents: Place['extents'] = []
    for (let left = take(2); left > 0; left--) {
      take(indexBytes)
      extents.push({ at: base + take(offsetBytes), length: take(lengthBytes) })
    }
    if (method < 2) places.set(id, { isInData: method === 1, extents })
  }
  return places
}

function contentOf({ isInData, extents }: Place, file: Buffer, idat: Buffer | undefined): Buffer {
  const from = isInData ? (idat ?? Buffer.alloc(0)) : file
  return Buffer.concat(
    extents.map(({ at, length }) => from.subarray(at, length === 0 ? undefined : at + length)),
  )
}

/** An item of EXIF begins with the distance to the TIFF header behind it (ISO/IEC 23008-12, A.2.1). */
function tiffOf(item: Buffer): Uint8Array | undefined {
  const start = 4 + item.readUInt32BE(0)
  const found = [start, 4, 10].find((at) => /^(II\*\0|MM\0\*)/.test(item.toString('latin1', at, at + 4)))
  return found === undefined ? undefined : item.subarray(found)
}

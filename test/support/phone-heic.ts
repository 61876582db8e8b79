/** Boxes of ISO/IEC 14496-12 and 23008-12, as far as a phone's photo needs them. */

function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}

function fullBox(type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return box(type, u32((version << 24) | flags), ...parts)
}

const u8 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const u16 = (...values: readonly number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]))
const u32 = (...values: readonly number[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]),
  )
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1')

/** Body of the first box of a type, wherever it stands. */
function find(bytes: Buffer, type: string): Buffer {
  const at = bytes.indexOf(type, 0, 'latin1')
  if (at < 0) throw new Error(`expected a ${type} box`)
  return bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4))
}

/**
 * Joins equally large HEIC pictures into one photo as phones write it: a grid of tiles that is turned by an `irot` box.
 * @param tiles files of `heif-enc`, one picture each, in reading order
 * @param quarterTurns anticlockwise turns, as in the box
 */
export function phoneHeic(
  tiles: readonly Buffer[],
  grid: { columns: number; rows: number; tilePx: number },
  quarterTurns: number,
): Uint8Array {
  const gridItem = tiles.length + 1
  const pictures = tiles.map((tile) => find(tile, 'mdat'))
  const width = grid.columns * grid.tilePx
  const height = grid.rows * grid.tilePx
  const gridData = Buffer.concat([u8(0, 0, grid.rows - 1, grid.columns - 1), u16(width, height)])
  const items = [...pictures, gridData]
  const ids = items.map((_, index) => index + 1)
  const entries = ids.map((id) =>
    fullBox('infe', 2, 0, u16(id, 0), text(id === gridItem ? 'grid' : 'hvc1'), u8(0)),
  )
  // Properties 1: decoder set-up, 2: size of a tile, 3: size of the grid, 4: rotation (essential: 0x80).
  const properties = [
    box('hvcC', find(tiles[0], 'hvcC')),
    fullBox('ispe', 0, 0, u32(grid.tilePx, grid.tilePx)),
    fullBox('ispe', 0, 0, u32(width, height)),
    box('irot', u8(quarterTurns)),
  ]
  const associations = ids.map((id) =>
    Buffer.concat([u16(id), id === gridItem ? u8(2, 3, 0x84) : u8(2, 0x81, 2)]),
  )
  const metaOf = (offsets: readonly number[]): Uint8Array =>
    fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), text('pict'), u32(0, 0, 0), u8(0)),
      fullBox('pitm', 0, 0, u16(gridItem)),
      fullBox('iinf', 0, 0, u16(entries.length), ...entries),
      fullBox('iref', 0, 0, box('dimg', u16(gridItem, tiles.length, ...ids.slice(0, -1)))),
      box('iprp', box('ipco', ...properties), fullBox('ipma', 0, 0, u32(ids.length), ...associations)),
      // Offsets and lengths of four bytes, no base offset, one extent an item.
      fullBox(
        'iloc',
        0,
        0,
        u8(0x44, 0),
        u16(items.length),
        ...items.map((item, index) =>
          Buffer.concat([u16(ids[index], 0, 1), u32(offsets[index], item.length)]),
        ),
      ),
    )
  const type = box('ftyp', text('heic'), u32(0), text('mif1heic'))
  let at = type.length + metaOf(items.map(() => 0)).length + 8
  const offsets = items.map((item) => {
    const offset = at
    at += item.length
    return offset
  })
  return Buffer.concat([type, metaOf(offsets), box('mdat', ...items)])
}

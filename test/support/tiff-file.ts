/** One directory of a TIFF file that a test makes: tags by number, its picture's bytes in strips, directories below it. */
export interface TiffPage {
  /** SHORT for numbers under 65,536, LONG for others, ASCII for texts. */
  tags: Record<number, number | number[] | string>
  /** Their places and lengths are written for it, as strips or, with `isTiled`, as tiles. */
  pieces?: Buffer[]
  isTiled?: boolean
  below?: TiffPage[]
}

const STRIPS = [273, 279] as const
const TILES = [324, 325] as const
const SUB_DIRECTORIES = 330

/** A little-endian TIFF file whose directories stand before the pictures, so that one cut short still has its head. */
export function tiffFile(pages: readonly TiffPage[]): Buffer {
  // Twice: the first time to learn how long the head is.
  const { head } = write(pages, 0)
  const whole = write(pages, head.length)
  return Buffer.concat([whole.head, ...whole.pieces])
}

function write(pages: readonly TiffPage[], piecesAt: number): { head: Buffer; pieces: Buffer[] } {
  const parts: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')]
  const pieces: Buffer[] = []
  let [at, place] = [8, piecesAt]
  const directory = (
    { tags, pieces: own = [], isTiled = false, below = [] }: TiffPage,
    next: boolean,
  ): number => {
    const [offsets, lengths] = isTiled ? TILES : STRIPS
    const all: TiffPage['tags'] = { ...tags }
    if (own.length > 0) {
      all[offsets] = own.map((piece) => {
        const start = place
        place += piece.length
        pieces.push(piece)
        return start
      })
      all[lengths] = own.map(({ length }) => length)
    }
    if (below.length > 0) all[SUB_DIRECTORIES] = below.map((lower) => directory(lower, false))
    const start = at
    const { entries, extra } = encode(all, start)
    const after = start + entries.length + extra.length
    const link = Buffer.alloc(4)
    link.writeUInt32LE(next ? after + 4 : 0)
    // The link to the next directory stands between the entries and their longer values.
    parts.push(entries.subarray(0, -4), link, extra, Buffer.alloc(4))
    at = after + 4
    return start
  }
  // Directories below a page are written before it, so the chain begins where the first page's own stands.
  for (const [index, page] of pages.entries()) {
    const start = directory(page, index + 1 < pages.length)
    if (index === 0) parts[0].writeUInt32LE(start, 4)
  }
  return { head: Buffer.concat(parts), pieces }
}

/** Entries with room for the link behind them, and values that do not fit into four bytes. */
function encode(tags: TiffPage['tags'], start: number): { entries: Buffer; extra: Buffer } {
  const numbers = Object.keys(tags)
    .map(Number)
    .toSorted((a, b) => a - b)
  const entries = Buffer.alloc(2 + numbers.length * 12 + 4)
  entries.writeUInt16LE(numbers.length)
  const extra: Buffer[] = []
  let extraAt = start + entries.length
  for (const [index, tag] of numbers.entries()) {
    const { type, count, data } = value(tags[tag], tag === SUB_DIRECTORIES)
    const entry = 2 + index * 12
    entries.writeUInt16LE(tag, entry)
    entries.writeUInt16LE(type, entry + 2)
    entries.writeUInt32LE(count, entry + 4)
    if (data.length <= 4) data.copy(entries, entry + 8)
    else {
      entries.writeUInt32LE(extraAt, entry + 8)
      extra.push(data)
      extraAt += data.length
    }
  }
  return { entries, extra: Buffer.concat(extra) }
}

function value(
  given: number | number[] | string,
  isPlace: boolean,
): { type: number; count: number; data: Buffer } {
  if (typeof given === 'string') {
    const data = Buffer.from(`${given}\0`, 'latin1')
    return { type: 2, count: data.length, data }
  }
  const list = [given].flat()
  const isLong = isPlace || list.some((number) => number > 65_535) || list.length > 2
  const data = Buffer.alloc(list.length * (isLong ? 4 : 2))
  for (const [index, number] of list.entries())
    if (isLong) data.writeUInt32LE(number, index * 4)
    else data.writeUInt16LE(number, index * 2)
  return { type: isLong ? 4 : 3, count: list.length, data }
}

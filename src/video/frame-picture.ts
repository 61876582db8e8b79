import { hash } from 'node:crypto'

/**
 * Pixels of a video's frame as a file that the engine and the picture makers read: baseline TIFF 6.0, one strip, not
 * compressed. Putting it together is a copy; PNG would cost more than decoding the frame did.
 * @param pixels 8-bit RGB, rows from the top: `width * height * 3` bytes
 */
export function frameFile(pixels: Uint8Array, width: number, height: number): Buffer {
  const file = Buffer.alloc(PIXELS_AT + pixels.byteLength)
  file.write('II*\0', 0, 'latin1')
  file.writeUInt32LE(8, 4)
  file.writeUInt16LE(TAGS, 8)
  const tags: [tag: number, type: 3 | 4, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 3, BITS_AT],
    [259, 3, 1, 1],
    [262, 3, 1, 2],
    [273, 4, 1, PIXELS_AT],
    [277, 3, 1, 3],
    [278, 4, 1, height],
    [279, 4, 1, pixels.byteLength],
  ]
  tags.forEach(([tag, type, count, value], at) => {
    const from = 10 + at * 12
    file.writeUInt16LE(tag, from)
    file.writeUInt16LE(type, from + 2)
    file.writeUInt32LE(count, from + 4)
    file.writeUInt32LE(value, from + 8)
  })
  for (let channel = 0; channel < 3; channel++) file.writeUInt16LE(8, BITS_AT + channel * 2)
  file.set(pixels, PIXELS_AT)
  return file
}

const TAGS = 9
/** After the header (8), the number of tags (2), the tags and the offset of the next directory (4). */
const BITS_AT = 10 + TAGS * 12 + 4
const PIXELS_AT = BITS_AT + 6 + 2

/** SHA-256 of a frame's pixels: by it a still that is made again is known to be the same. */
export function pixelsHash(pixels: Uint8Array): string {
  return hash('sha256', pixels)
}

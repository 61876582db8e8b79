/** Length of the head of a RIFF file: `RIFF` and the length of what follows. */
const RIFF_HEAD_BYTES = 8
/** A WebP may claim to be this many times as long as it is; with less of it there is no picture. */
const MOST_TIMES_LONGER = 20

/**
 * Bytes from which a decoder gives the part of a picture that is there. Most take a file that ends early as it is. WebP's
 * wants as many bytes as the file says it has, so that the rest is filled with zeros; what comes of them is no picture,
 * and stands below the part that is.
 * @returns undefined for formats of which no decoder gives a part
 */
export function partThatIsThere(bytes: Uint8Array, format: string): Uint8Array | undefined {
  if (format === 'avif') return undefined
  if (format !== 'webp') return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < RIFF_HEAD_BYTES) return undefined
  const whole = RIFF_HEAD_BYTES + view.getUint32(4, true)
  if (whole <= bytes.byteLength || whole > bytes.byteLength * MOST_TIMES_LONGER) return undefined
  const filled = new Uint8Array(whole)
  filled.set(bytes)
  return filled
}

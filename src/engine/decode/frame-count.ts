import type { PhotoFacts } from '../types.ts'
import { multiPictureCount } from './jpeg-frame.ts'
import { sequenceSamples } from './picture-sequence.ts'
import { pngChunks } from './png-exif.ts'

/** More is nonsense in a damaged table. */
const MOST_FRAMES = 1_000_000

/** Pictures that a file says it has, where its decoder does not count them (undefined: it does): several JPEGs, animated PNG, sequences of AVIF and HEIF. */
export function frameCount(bytes: Uint8Array, format: PhotoFacts['format']): number | undefined {
  if (format === 'jpeg') return multiPictureCount(bytes)
  if (format === 'png') return animatedPngFrames(bytes)
  if (format !== 'avif' && format !== 'heic') return undefined
  const samples = sequenceSamples(bytes)
  return samples === undefined ? undefined : reasonable(samples)
}

/** Chunk `acTL` of animated PNG (PNG third edition, 11.3.4): the number of frames comes first. */
function animatedPngFrames(bytes: Uint8Array): number {
  for (const { type, data } of pngChunks(bytes)) {
    if (type === 'IDAT') return 1
    if (type === 'acTL' && data.byteLength >= 4) return reasonable(Buffer.from(data).readUInt32BE(0))
  }
  return 1
}

function reasonable(count: number): number {
  return count >= 1 && count <= MOST_FRAMES ? count : 1
}

import type { Stream } from './ffmpeg-library.ts'

/** `AV_PKT_DATA_DISPLAYMATRIX` */
const DISPLAY_MATRIX = 5
const MATRIX_BYTES = 36

/** How a file says that its pictures are to be turned (ISO/IEC 14496-12, 6.2.2: the matrix of a track). */
export interface DisplayMatrix {
  /** Anticlockwise, -180 to 180, as ffprobe counts; 0 when the matrix says no such thing. */
  degrees: number
  /** Nine numbers in 16.16 fixed point. */
  values: number[]
}

export function displayMatrixOf({ codecpar }: Stream): DisplayMatrix | undefined {
  const bytes = codecpar.getCodedSideData(DISPLAY_MATRIX)
  if (bytes === null || bytes.byteLength < MATRIX_BYTES) return undefined
  const values = Array.from({ length: 9 }, (_, at) => bytes.readInt32LE(at * 4))
  const scale = [Math.hypot(values[0], values[3]), Math.hypot(values[1], values[4])]
  if (scale[0] === 0 || scale[1] === 0) return { degrees: 0, values }
  return { degrees: -Math.atan2(values[1] / scale[1], values[0] / scale[0]) * (180 / Math.PI), values }
}

/**
 * FFmpeg filters that make pictures upright as the matrix says: quarter turns, mirrored where it mirrors. Other angles are
 * left as they are, and so is the size that is recorded.
 */
export function uprightFilters(matrix: DisplayMatrix | undefined): string[] {
  if (matrix === undefined) return []
  const { degrees, values } = matrix
  const clockwise = (((Math.round(-degrees / 90) * 90) % 360) + 360) % 360
  const isMirrored = values[0] * values[4] - values[1] * values[3] < 0
  if (clockwise === 90) return [isMirrored ? 'transpose=cclock_flip' : 'transpose=clock']
  if (clockwise === 270) return [isMirrored ? 'transpose=clock_flip' : 'transpose=cclock']
  if (clockwise === 180) return [...(values[0] < 0 ? ['hflip'] : []), ...(values[4] < 0 ? ['vflip'] : [])]
  return values[4] < 0 ? ['vflip'] : []
}

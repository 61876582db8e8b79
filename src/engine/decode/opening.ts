import { reasonOf } from '../../errors.ts'
import type { Raster } from '../raster-types.ts'
import type { Box, PhotoFacts, UnreadableReason } from '../types.ts'
import { MAX_DECODE_SECONDS, MAX_PIXELS, MAX_WHOLE_PIXELS, MIN_SIDE_PX } from './limits.ts'

/** A decoded photo: a working picture for detection, and the original for cutting small faces from. */
export interface OpenPhoto {
  facts: PhotoFacts
  /** The upright photo, at most the mode's working side long. */
  working: Raster
  /** Original pixels per working pixel, >= 1. */
  scale: number
  /**
   * Decodes one part of the upright original at full size.
   * @param box pixels of the upright original; clipped to the picture
   * @returns the part and the original's coordinates of its top-left corner
   */
  cut(box: Box): Promise<{ raster: Raster; x: number; y: number }>
}

export type Opening = { outcome: 'open'; photo: OpenPhoto } | Refusal
export interface Refusal {
  outcome: 'unreadable'
  reason: UnreadableReason
  detail: string
}

export function refuse(reason: UnreadableReason, detail: string): Refusal {
  return { outcome: 'unreadable', reason, detail }
}

/** One line, without libvips' repetitions and internal names. */
export function refuseDecode(error: unknown): Refusal {
  const message = reasonOf(error).split('\n')[0]?.trim() ?? ''
  if (/timeout/i.test(message))
    return refuse('took_too_long', `decoding took longer than ${MAX_DECODE_SECONDS} s`)
  if (/pixel limit|exceeds/i.test(message)) return refuse('too_many_pixels', `more than ${MAX_PIXELS} pixels`)
  if (/out of memory|allocat/i.test(message)) return refuse('out_of_memory', 'not enough memory to decode it')
  // What a decoder says of sound files that it has no reader for; 'unsupported image format' it says of any it does not know.
  if (/(not supported|unsupported|not implemented|not configured)(?! image format)/i.test(message))
    return refuse('unsupported_format', `a kind that is not read (${plainWords(message)})`)
  return refuse('damaged', `damaged or cut short (${plainWords(message)})`)
}

function plainWords(message: string): string {
  return message.replaceAll(/Vips\w+:\s*/g, '').replace(/^Input (buffer|file) /, 'the file ')
}

export function checkSize(width: number, height: number, wholeInMemory: boolean): Refusal | undefined {
  const limit = wholeInMemory ? MAX_WHOLE_PIXELS : MAX_PIXELS
  if (width * height > limit)
    return refuse(
      'too_many_pixels',
      `${width} x ${height} pixels; at most ${limit} are read from a file of this kind`,
    )
  if (width < MIN_SIDE_PX || height < MIN_SIDE_PX)
    return refuse('too_small', `${width} x ${height} pixels; a side must have at least ${MIN_SIDE_PX}`)
  return undefined
}

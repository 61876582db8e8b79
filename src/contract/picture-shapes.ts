import { z } from 'zod'
import { id, time } from './values.ts'

/** Shapes that replies with faces and photos share. */

/** Enough for originals of 24 megapixels and more in their own pixels. */
const LARGEST_SIDE_PX = 8192

export const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
export const quality = z
  .record(z.string(), z.unknown())
  .describe('Scores from 0 (bad) to 1 (good), and `advice` codes')

/** Where a photo came from, as whoever imported it claimed. */
export const source = z.object({
  collectionId: id,
  name: z.string(),
  sourceUrl: z.string().nullable(),
  capturedAt: z.string().nullable(),
  collector: z.string().nullable(),
  licence: z.string().nullable(),
  note: z.string().nullable(),
  importId: id,
  importedAt: time,
})

/** When a face of a video is to be seen. */
export const moment = z.object({
  timeS: z.number().describe("Seconds from the video's beginning"),
  trackId: id,
  track: z.int().describe('From 1, in the order of first sight'),
  trackFirstS: z.number(),
  trackLastS: z.number(),
  videoDurationS: z.number(),
})

export const videoFacts = z.object({
  durationS: z.number(),
  codec: z.string(),
  framesASecond: z.number().describe('Mean; 0: the file does not say'),
  isVariable: z.boolean(),
  tracks: z.int(),
  note: z.string().nullable().describe('What of it could not be read, in English'),
})

export const mediaFacts = z.object({
  format: z.string(),
  byteLength: z.int(),
  widthPx: z.int(),
  heightPx: z.int(),
  sha256: z.string(),
  sensitive: z.boolean(),
  exifCapturedAt: z.string().nullable(),
  exifDevice: z.string().nullable(),
  exifPlace: z.object({ latitude: z.number(), longitude: z.number() }).nullable().describe('Degrees, WGS 84'),
  collections: z.array(z.object({ id, title: z.string() })),
  sources: z.array(source),
  video: videoFacts.nullable().describe('null: a photo'),
})

export const pictureQuery = z.object({
  side: z.coerce.number().int().min(16).max(LARGEST_SIDE_PX).default(1024),
})
export const reveal = z.enum(['yes', 'no']).default('no')

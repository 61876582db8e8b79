import { z } from 'zod'
import { id, time } from './values.ts'

/** Shapes that replies with faces and photos share. */

/** Enough for originals of 24 megapixels and more in their own pixels. */
const LARGEST_SIDE_PX = 8192

export const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
export const quality = z
  .record(z.string(), z.unknown())
  .describe('Scores from 0 (bad) to 1 (good), and `advice` codes')

export const verdict = z
  .enum(['valid', 'invalid', 'absent', 'unchecked'])
  .describe('What a check came to; unchecked: there is something, and it could not be checked here')

export const remark = z
  .object({
    kind: z.enum(['cut_short', 'more_pictures', 'raw_preview', 'video_inside']),
    count: z.int().nullable().describe('Pictures that follow and were not read'),
  })
  .describe(
    'A file that was not read whole: its end is missing; more pictures follow in it; a camera raw, read by its preview; a video stands in it behind the picture',
  )

const archive = z.object({
  id,
  name: z.string(),
  kind: z.enum(['warc', 'wacz', 'mhtml', 'saved_page']),
  sha256: z.string(),
  byteLength: z.int(),
  records: z.int(),
  pages: z.int(),
  packageVerdict: verdict.describe('Of the hashes that the package, or a list beside it, has of its files'),
  signatureVerdict: verdict,
  signedBy: z.string().nullable(),
  signedAt: z.string().nullable().describe('As the signature says'),
  software: z.string().nullable(),
  problems: z.array(z.string()).describe('Sentences for people, in English'),
  isKept: z.boolean(),
})

/** What an archive or a tool says of a source: not what the importer claims, and not what the file says. */
const capture = z
  .object({
    tool: z.enum(['warc', 'wacz', 'mhtml', 'saved_page', 'auto_archiver', 'hunchly', 'uwazi', 'hash_list']),
    recordId: z.string().nullable(),
    resourceUrl: z.string().nullable(),
    capturedAt: z.string().nullable().describe('When it was fetched, as the archive says'),
    status: z.int().nullable().describe('Of HTTP'),
    headers: z.array(z.array(z.string())).describe('Of the HTTP response: name and value'),
    pages: z
      .array(
        z.object({
          url: z.string(),
          title: z.string().nullable(),
          how: z.enum(['page_id', 'html', 'css', 'referer']).describe('How that is known'),
        }),
      )
      .describe('Pages on which the picture stood, the surest first'),
    digest: z.object({ verdict, claimed: z.string().nullable(), observed: z.string().nullable() }),
    revisitOf: z.string().nullable(),
    other: z.record(z.string(), z.string()),
    archive: archive.nullable(),
    canReplay: z.boolean().describe('Whether a page can be shown as it was archived'),
  })
  .meta({ id: 'Capture' })

/** What a media file says of itself. */
const provenance = z
  .object({
    time: z
      .object({
        original: z.string().nullable(),
        offset: z.string().nullable(),
        gps: z.string().nullable(),
        offsetByGps: z.string().nullable(),
        zone: z.enum(['written', 'by_gps', 'differs', 'unknown']),
        digitised: z.string().nullable(),
        modified: z.string().nullable(),
      })
      .nullable(),
    place: z.string().nullable(),
    altitudeM: z.number().nullable(),
    directionDegrees: z.number().nullable(),
    exif: z.record(z.string(), z.string()),
    xmp: z.record(z.string(), z.string()),
    iptc: z.record(z.string(), z.string()),
    manifest: z
      .object({
        state: z.enum(['valid', 'invalid', 'present', 'absent']),
        title: z.string().nullable(),
        generator: z.string().nullable(),
        signer: z.string().nullable(),
        signedAt: z.string().nullable(),
        actions: z.array(z.string()),
        problems: z.array(z.string()),
      })
      .describe('Content Credentials (C2PA); whose the certificate is, is not checked'),
  })
  .meta({ id: 'FileProvenance' })

/** Where a photo came from, as whoever imported it claimed. */
export const source = z.object({
  id,
  collectionId: id,
  name: z.string(),
  sourceUrl: z.string().nullable(),
  capturedAt: z.string().nullable(),
  collector: z.string().nullable(),
  licence: z.string().nullable(),
  note: z.string().nullable(),
  importId: id,
  importedAt: time,
  capture: capture.nullable().describe('What the archive or tool that held it says'),
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
  provenance: provenance.nullable().describe('What the file says of itself'),
  remarks: z.array(remark),
  collections: z.array(z.object({ id, title: z.string() })),
  sources: z.array(source),
  video: videoFacts.nullable().describe('null: a photo'),
})

export const pictureQuery = z.object({
  side: z.coerce.number().int().min(16).max(LARGEST_SIDE_PX).default(1024),
})
export const replayQuery = z.object({
  source: id,
  page: z.coerce.number().int().min(0).max(100).default(0).describe('Which of its pages, from 0'),
  reveal: z
    .enum(['yes', 'no'])
    .default('no')
    .describe('With the pictures of the page, also of sensitive sources'),
})
export const reveal = z.enum(['yes', 'no']).default('no')

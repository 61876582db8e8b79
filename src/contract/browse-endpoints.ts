import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import {
  box,
  mediaFacts,
  moment,
  pictureQuery,
  quality,
  replayQuery,
  reveal,
  source,
} from './picture-shapes.ts'
import { day, id, idParams, page, pageQuery, time } from './values.ts'

const tag = 'Collections'
const media = mediaFacts
  .extend({
    id,
    addedAt: time,
    sources: z.array(
      source.extend({
        personName: z.string().nullable().describe('Whom the importer says that it shows: a claim'),
        personRef: z.string().nullable(),
        other: z.record(z.string(), z.string()).describe('Other columns of the manifest'),
      }),
    ),
    faces: z.array(
      z.object({
        id,
        number: z.int(),
        origin: z.enum(['detector', 'examiner']),
        box: box.describe('Pixels of the upright original'),
        quality,
        moment: moment.nullable().describe('Best moment of a track of a video; null: a face of a photo'),
      }),
    ),
  })
  .meta({ id: 'Media' })
const mediaParams = idParams.extend({ mediaId: id })

/** Looking through a collection. */
export const browseEndpoints = defineEndpoints({
  browseCollection: {
    method: 'GET',
    path: '/collections/:id/media',
    access: 'collection.browse',
    shutToVerifiers: true,
    tag,
    summary: 'Photos of an own collection with their faces, what came last first; the look is written down',
    params: idParams,
    query: pageQuery.extend({
      faces: z.enum(['any', 'with', 'without']).default('any'),
      words: z
        .string()
        .trim()
        .max(200)
        .optional()
        .describe(
          'Beginnings of words that all stand in name, address, collector or note of one source; capitals, apostrophes and stress marks do not matter',
        ),
      since: day.optional().describe('Taken in on this day or later'),
      until: day.optional().describe('Taken in on this day or before'),
    }),
    reply: page(media),
  },
  showMedia: {
    method: 'GET',
    path: '/collections/:id/media/:mediaId',
    access: 'collection.browse',
    shutToVerifiers: true,
    tag,
    summary: 'One photo of an own collection, and where it came from; the look is written down',
    params: mediaParams,
    reply: media,
  },
  showMediaPicture: {
    method: 'GET',
    path: '/collections/:id/media/:mediaId/picture',
    access: 'collection.browse',
    shutToVerifiers: true,
    tag,
    summary: 'Its picture, sensitive ones blurred unless revealed; the look is written down',
    params: mediaParams,
    query: pictureQuery.extend({
      face: z.coerce.number().int().min(1).max(10_000).optional().describe('Only this face'),
      reveal,
    }),
    stream: 'image/jpeg',
  },
  replayMediaPage: {
    method: 'GET',
    path: '/collections/:id/media/:mediaId/replay',
    access: 'collection.browse',
    shutToVerifiers: true,
    tag,
    summary:
      'The archived page on which it stood, without scripts and network, for a locked-down frame; the look is written down',
    params: mediaParams,
    query: replayQuery,
    stream: 'text/html',
  },
})

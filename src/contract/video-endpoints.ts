import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { box, moment, pictureQuery, quality, reveal } from './picture-shapes.ts'
import { id, idParams } from './values.ts'

const tag = 'Videos'
/** As the service lists at most: candidates, and the nearest below. */
const MAX_RANK = 520
/** Faces of a strip; of longer tracks every n-th. */
export const MAX_STRIP = 60
/** Stills of a track that become probes and are searched as one. */
export const MAX_TRACK_PROBES = 8

const candidateParams = z.object({ id, rank: z.coerce.number().int().min(1).max(MAX_RANK) })
const mediaParams = idParams.extend({ mediaId: id })

const track = z
  .object({
    mediaId: id,
    shown: id.describe('The face of the track that stands in the list'),
    moment,
    faces: z.array(
      z.object({
        id,
        timeS: z.number(),
        box: box.describe('Pixels of the upright frame'),
        quality,
        isBest: z.boolean().describe("One of the track's best frames"),
      }),
    ),
  })
  .meta({ id: 'Track' })

/** Tracks of videos: what was seen of one face, the video played from there, and probes made of it. */
export const videoEndpoints = defineEndpoints({
  showCandidateTrack: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/track',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'The track of a video that a candidate stands for; the look is written down',
    params: candidateParams,
    reply: track,
  },
  showTrackPicture: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/track/:faceId',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'One face of that track, sensitive ones blurred unless revealed; the look is written down',
    params: candidateParams.extend({ faceId: id }),
    query: pictureQuery.extend({ part: z.enum(['face', 'whole']).default('face'), reveal }),
    stream: 'image/jpeg',
  },
  playCandidateVideo: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/video',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary:
      "A copy of the candidate's video that browsers play, with HTTP ranges; made when first asked for, sensitive ones blurred unless revealed; the look is written down",
    params: candidateParams,
    query: z.object({ reveal }),
    stream: 'video/webm',
  },
  playMediaVideo: {
    method: 'GET',
    path: '/collections/:id/media/:mediaId/video',
    access: 'collection.browse',
    shutToVerifiers: true,
    tag,
    summary: 'The same of a video of an own collection',
    params: mediaParams,
    query: z.object({ reveal }),
    stream: 'video/webm',
  },
  addTrackProbes: {
    method: 'POST',
    path: '/cases/:id/probes/from-track',
    access: 'probe.add',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary:
      'Take a moment, or the best moments of a whole track, of a candidate that is a video into the case as probes',
    params: idParams,
    body: z.object({
      searchId: id.describe('A search of the same case'),
      rank: z.int().min(1).max(MAX_RANK),
      faceId: id.optional().describe('One face of the track; without it the whole track'),
    }),
    reply: z.object({
      probes: z.array(id),
      faces: z.array(id).describe('The faces of the track among them: searched together, they are fused'),
    }),
    status: 201,
  },
})

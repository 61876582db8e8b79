import { playMediaVideo } from '../../media/play-media.ts'
import { addTrackProbes } from '../../cases/add-track-probes.ts'
import { playCandidateVideo, showCandidateTrack, showTrackPicture } from '../../cases/video-of-candidate.ts'
import type { videoEndpoints } from '../../contract/video-endpoints.ts'
import { COPY_TYPE, type Copy } from '../../media/playable-copy.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { RangedFile } from '../ranged-file.ts'

/** Tracks of videos, videos played, probes made of them. */
export function videoRoutes(ctx: HttpContext): HandlersOf<typeof videoEndpoints> {
  const ranged = ({ sha256, byteLength }: Copy, range: string | undefined): RangedFile =>
    new RangedFile(
      {
        type: COPY_TYPE,
        byteLength,
        tag: sha256,
        read: (start, end) => ctx.store.derived.range(sha256, start, end),
      },
      range,
    )
  return {
    async showCandidateTrack({ actor, params: { id, rank } }) {
      const track = await showCandidateTrack(ctx, actor, { searchId: id, rank })
      return { ...track, faces: track.faces.map((face) => ({ ...face, quality: { ...face.quality } })) }
    },
    async showTrackPicture({ actor, params, query: { side, part, reveal }, signal }) {
      const { id, rank, faceId } = params
      const look = { longSidePx: side, faceOnly: part === 'face', reveal: reveal === 'yes', signal }
      return Buffer.from(await showTrackPicture(ctx, actor, { searchId: id, rank, faceId, ...look }))
    },
    async playCandidateVideo({ actor, params: { id, rank }, query: { reveal }, range }) {
      const input = { searchId: id, rank, reveal: reveal === 'yes' }
      return ranged(await playCandidateVideo(ctx, actor, input), range)
    },
    async playMediaVideo({ actor, params: { id, mediaId }, query: { reveal }, range }) {
      const input = { collectionId: id, mediaId, reveal: reveal === 'yes' }
      return ranged(await playMediaVideo(ctx, actor, input), range)
    },
    addTrackProbes: async ({ actor, params, body: { searchId, rank, faceId }, signal }) =>
      addTrackProbes(ctx, actor, { caseId: params.id, searchId, rank, faceId, signal }),
  }
}

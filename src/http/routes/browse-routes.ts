import {
  browseCollection,
  replayMediaPage,
  showMedia,
  showMediaPicture,
  type BrowsedMedia,
} from '../../media/browse-collection.ts'
import type { browseEndpoints } from '../../contract/browse-endpoints.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { mediaReply } from '../media-reply.ts'
import { placeOf } from '../pages.ts'

/** Looking through a collection. */
export function browseRoutes(ctx: HttpContext): HandlersOf<typeof browseEndpoints> {
  return {
    async browseCollection({ actor, params, query: { cursor, limit, faces, words, since, until }, signal }) {
      const { items, next } = await browseCollection(ctx, actor, {
        collectionId: params.id,
        before: placeOf(cursor),
        faces,
        words,
        since,
        until,
        limit,
        signal,
      })
      return { items: items.map(browsedReply), next: next === undefined ? null : String(next) }
    },
    showMedia: async ({ actor, params }) =>
      browsedReply(await showMedia(ctx, actor, { collectionId: params.id, mediaId: params.mediaId })),
    async replayMediaPage({ actor, params, query: { source, page, reveal }, signal }) {
      const input = { sourceId: source, page, reveal: reveal === 'yes', signal }
      return Buffer.from(
        await replayMediaPage(ctx, actor, { collectionId: params.id, mediaId: params.mediaId, ...input }),
      )
    },
    async showMediaPicture({ actor, params, query, signal }) {
      const { side, face, reveal } = query
      const input = { longSidePx: side, face, reveal: reveal === 'yes', signal }
      return Buffer.from(
        await showMediaPicture(ctx, actor, { collectionId: params.id, mediaId: params.mediaId, ...input }),
      )
    },
  }
}

function browsedReply({ mediaId, addedAt, faces, ...media }: BrowsedMedia) {
  const facts = mediaReply({ mediaId, ...media })
  return {
    id: mediaId,
    addedAt,
    faces: faces.map((face) => ({ ...face, quality: { ...face.quality }, moment: face.moment ?? null })),
    ...facts,
    sources: facts.sources.map((source, at) => {
      const { personName, personRef, other } = media.sources[at]
      return { ...source, personName: personName ?? null, personRef: personRef ?? null, other }
    }),
  }
}

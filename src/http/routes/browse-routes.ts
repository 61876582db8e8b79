import {
  browseCollection,
  showMedia,
  showMediaPicture,
  type BrowsedMedia,
} from '../../browse/browse-collection.ts'
import type { browseEndpoints } from '../../contract/browse-endpoints.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { mediaReply } from '../media-reply.ts'
import { placeOf } from '../pages.ts'

/** Looking through a collection. */
export function browseRoutes(ctx: HttpContext): HandlersOf<typeof browseEndpoints> {
  return {
    async browseCollection({ actor, params, query: { cursor, limit, faces } }) {
      const before = placeOf(cursor)
      const { items, next } = await browseCollection(ctx, actor, {
        collectionId: params.id,
        faces,
        before,
        limit,
      })
      return { items: items.map(browsedReply), next: next === undefined ? null : String(next) }
    },
    showMedia: async ({ actor, params }) =>
      browsedReply(await showMedia(ctx, actor, { collectionId: params.id, mediaId: params.mediaId })),
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
  return {
    id: mediaId,
    addedAt,
    faces: faces.map((face) => ({ ...face, quality: { ...face.quality } })),
    ...mediaReply({ mediaId, ...media }),
  }
}

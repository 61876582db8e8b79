import { changeCollection } from '../../collections/change-collection.ts'
import { createCollection } from '../../collections/create-collection.ts'
import { eraseFromCollection } from '../../erasure/erase-from-collection.ts'
import { grantCollection, listGrants, revokeCollection } from '../../collections/grant-collection.ts'
import { listCollections, showCollection } from '../../collections/list-collections.ts'
import { imposeHold, liftHold, listHolds } from '../../collections/legal-hold.ts'
import type { collectionEndpoints } from '../../contract/collection-endpoints.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { holdReply } from './hold-reply.ts'

/** Collections, their erasure, grants of them to other agencies, legal holds. */
export function collectionRoutes(ctx: HttpContext): HandlersOf<typeof collectionEndpoints> {
  return {
    async listCollections({ actor }) {
      const rows = await listCollections(ctx, actor)
      return rows.map((row) => ({
        id: row.id,
        agencyId: row.agency_id,
        agency: row.agency,
        title: row.title,
        lawfulBasis: row.lawful_basis,
        sensitivity: row.sensitivity,
        retentionUntil: row.retention_until,
        createdAt: row.created_at,
        photos: row.photos,
        videos: row.videos,
        faces: row.faces,
        isOwn: row.agency_id === actor.agencyId,
      }))
    },
    createCollection: {
      async first({ actor, body: { title, lawfulBasis, sensitivity, retentionUntil } }) {
        const input = { title, lawfulBasis, sensitivity, retentionUntil, agency: '' }
        const { id } = await createCollection(ctx, actor, input)
        return { id, title }
      },
      async again({ actor }, id) {
        const { title } = await showCollection(ctx, actor, { collection: id })
        return { id, title }
      },
    },
    changeCollection: async ({ actor, params, body: { title, retentionUntil, reason } }) =>
      changeCollection(ctx, actor, { id: params.id, title, retentionUntil, reason }),
    eraseFromCollection: async ({ actor, params, body }) =>
      eraseFromCollection(ctx, actor, { collectionId: params.id, ...body }),
    grantCollection: async ({ actor, params }) =>
      grantCollection(ctx, actor, { collectionId: params.id, agencyId: params.agencyId }),
    revokeCollection: async ({ actor, params }) =>
      revokeCollection(ctx, actor, { collectionId: params.id, agencyId: params.agencyId }),
    async listGrants({ actor, params }) {
      const grants = await listGrants(ctx, actor, { collectionId: params.id })
      return grants.map(({ agency_id, agency, granted_by, granted_at }) => ({
        agencyId: agency_id,
        agency,
        grantedBy: granted_by,
        grantedAt: granted_at,
      }))
    },
    imposeHold: {
      first: async ({ actor, params, body }) =>
        holdReply(await imposeHold(ctx, actor, { collectionId: params.id, reason: body.reason })),
      async again({ actor, params }, id) {
        const holds = await listHolds(ctx, actor, { collectionId: params.id })
        return holdReply(holds.find((hold) => hold.id === id)!)
      },
    },
    listHolds: async ({ actor, params }) =>
      (await listHolds(ctx, actor, { collectionId: params.id })).map(holdReply),
    liftHold: async ({ actor, params, body }) =>
      holdReply(await liftHold(ctx, actor, { id: params.id, reason: body.reason })),
  }
}

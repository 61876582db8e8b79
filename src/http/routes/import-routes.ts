import {
  finishUploads,
  listImportItems,
  listImports,
  listRunningImports,
  startUploads,
  takeUpload,
} from '../../imports/import-uploads.ts'
import { listImportArchives } from '../../imports/list-archives.ts'
import { beginUpload, finishUpload, sendPart } from '../../imports/send-in-parts.ts'
import type { Claims } from '../../sources/claims.ts'
import type { importEndpoints } from '../../contract/import-endpoints.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Imports whose files are sent one by one. */
export function importRoutes(ctx: HttpContext): HandlersOf<typeof importEndpoints> {
  return {
    listImports: async ({ actor, params, query }) =>
      listImports(ctx, actor, { collectionId: params.id, limit: query.limit }),
    startImport: async ({ actor, params, body }) =>
      startUploads(ctx, actor, { collectionId: params.id, files: body.files }),
    listRunningImports: async ({ actor }) => listRunningImports(ctx, actor),
    async importFile({ actor, params, query, body, signal }) {
      const { name, sensitive, personName, personRef, other, ...said } = query
      const claims = {
        ...claimsOf(said),
        ...(personName === undefined ? {} : { person_name: personName }),
        ...(personRef === undefined ? {} : { person_ref: personRef }),
        ...(other === undefined ? {} : { other }),
        ...(sensitive === undefined ? {} : { sensitive: sensitive === 'yes' }),
      }
      return takeUpload(ctx, actor, { importId: params.id, name, photo: body, claims, signal })
    },
    beginUpload: async ({ actor, params, body: { name, byteLength, ...said } }) =>
      beginUpload(ctx, actor, { importId: params.id, name, byteLength, claims: claimsOf(said) }),
    sendPart: async ({ actor, params, query, body }) =>
      sendPart(ctx, actor, { id: params.id, at: query.at, bytes: body }),
    finishUpload: async ({ actor, params }) => finishUpload(ctx, actor, params),
    listImportArchives: async ({ actor, params, query }) =>
      listImportArchives(ctx, actor, { importId: params.id, limit: query.limit }),
    finishImport: async ({ actor, params, body }) =>
      finishUploads(ctx, actor, { importId: params.id, unsent: body.unsent }),
    listImportItems: async ({ actor, params, query }) =>
      listImportItems(ctx, actor, { importId: params.id, ...query, state: query.state }),
  }
}

/** What a manifest would call them. */
function claimsOf(said: {
  sourceUrl?: string | undefined
  capturedAt?: string | undefined
  collector?: string | undefined
  licence?: string | undefined
  note?: string | undefined
}): Claims {
  const { sourceUrl, capturedAt, collector, licence, note } = said
  return {
    ...(sourceUrl === undefined ? {} : { source_url: sourceUrl }),
    ...(capturedAt === undefined ? {} : { captured_at: capturedAt }),
    ...(collector === undefined ? {} : { collector }),
    ...(licence === undefined ? {} : { licence }),
    ...(note === undefined ? {} : { note }),
  }
}

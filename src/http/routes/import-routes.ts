import { openArchive, takeArchivePart, workOnArchive } from '../../collections/import/archive-uploads.ts'
import {
  finishUploads,
  listImportItems,
  listImports,
  listRunningImports,
  startUploads,
  takeUpload,
} from '../../collections/import/import-uploads.ts'
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
      const {
        name,
        sourceUrl,
        capturedAt,
        collector,
        licence,
        note,
        sensitive,
        personName,
        personRef,
        other,
      } = query
      const claims = {
        ...(sourceUrl === undefined ? {} : { source_url: sourceUrl }),
        ...(capturedAt === undefined ? {} : { captured_at: capturedAt }),
        ...(collector === undefined ? {} : { collector }),
        ...(licence === undefined ? {} : { licence }),
        ...(note === undefined ? {} : { note }),
        ...(personName === undefined ? {} : { person_name: personName }),
        ...(personRef === undefined ? {} : { person_ref: personRef }),
        ...(other === undefined ? {} : { other }),
        ...(sensitive === undefined ? {} : { sensitive: sensitive === 'yes' }),
      }
      return takeUpload(ctx, actor, { importId: params.id, name, photo: body, claims, signal })
    },
    sendArchivePart: async ({ actor, params, query, body }) =>
      takeArchivePart(ctx, actor, { importId: params.id, at: query.at, bytes: body }),
    openArchive: async ({ actor, params, body }) => openArchive(ctx, actor, { importId: params.id, ...body }),
    workOnArchive: async ({ actor, params, signal }) =>
      workOnArchive(ctx, actor, { importId: params.id, signal }),
    finishImport: async ({ actor, params }) => finishUploads(ctx, actor, { importId: params.id }),
    listImportItems: async ({ actor, params, query }) =>
      listImportItems(ctx, actor, { importId: params.id, ...query, state: query.state }),
  }
}

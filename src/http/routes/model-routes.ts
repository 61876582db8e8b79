import type { modelEndpoints } from '../../contract/model-endpoints.ts'
import { showModelPack } from '../../oversight/show-model-pack.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** What scores rest on. */
export function modelRoutes(ctx: HttpContext): HandlersOf<typeof modelEndpoints> {
  return { showModelPack: async () => showModelPack(ctx) }
}

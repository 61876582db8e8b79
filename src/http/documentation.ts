import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { API_PREFIX } from '../contract/endpoints.ts'
import { openApiDocument } from './openapi.ts'

/** `/api/v1/openapi.json` and, for people, `/api/docs`; both hold nothing secret and fetch nothing from elsewhere. */
export async function addDocumentation(app: FastifyInstance): Promise<void> {
  const document = openApiDocument()
  const config = { access: 'public' as const, operation: 'documentation' }
  app.get(`${API_PREFIX}/openapi.json`, { config }, async () => document)
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config }
    })
    await scope.register(swagger, { mode: 'static', specification: { document: document as never } })
    await scope.register(swaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: true,
      uiConfig: { supportedSubmitMethods: [], validatorUrl: null },
    })
  })
}

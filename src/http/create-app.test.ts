import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { requireAccess } from './create-app.ts'

test('a route that declares no access does not start', async () => {
  const app = Fastify()
  requireAccess(app)
  app.get('/forgotten', async () => 'open to all')
  await expect(app.ready()).rejects.toThrow('/forgotten declares no access')
})

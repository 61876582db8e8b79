import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import sharp from 'sharp'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { fetchSamplePhotos, portrait } from '../../scripts/sample-photos.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { addressOf } from '../../src/contract/client/address-of.ts'
import { claimTemplates } from '../../src/store/active-templates.ts'
import { newAccount, newAgency, setUp, startTestService } from '../../test/support/test-service.ts'
import { addRealPhoto } from '../../test/support/watched-person.ts'
import { median } from '../engine/measure.ts'

/**
 * From a photo's enrolment (its commit on the disk) until the alert has come to an open page: the event over the stream, and
 * then the list that the page reads. `npm run bench -- watch-latency PHOTOS`.
 */
const photos = Number(process.argv[2] ?? 12)
const WAIT_MS = 30_000
const importer = { kind: 'operator' as const, name: 'bench' }

const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
await fetchSamplePhotos(['portraits'])
const service = await startTestService()
const { ctx } = service
const operator = await setUp(service)
const agencyId = await newAgency(operator, 'Bench')
const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
const liaison = await newAccount(operator, agencyId, 'Liaison', ['liaison'])
await curator.client.call('createCollection', {
  body: { title: 'Bench', lawfulBasis: 'bench', sensitivity: 'ordinary' },
})
await claimTemplates(ctx.store.db, await ctx.engine())
const { id: personId } = await liaison.client.call('createPerson', {
  body: { status: 'missing', ref: 'bench' },
})
await addRealPhoto(ctx, personId, await readFile(portrait('audrey.jpg')))
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const body = {
  personId,
  purpose: 'find_missing_person',
  legalBasis: 'bench',
  endsOn: day(90),
  reviewOn: day(30),
} as const
await liaison.client.call('createStandingSearch', { body: { ...body, withFaces: false, probeFaces: [] } })

/** Times at which the stream told of so many open alerts. */
const toldAtMs = new Map<number, number>()
const closing = new AbortController()
const cookie = cookieHeader(liaison.client.cookies)
const stream = await fetch(`${service.address}${addressOf('streamEvents', {})}`, {
  headers: { cookie },
  signal: closing.signal,
})
const following = (async () => {
  let text = ''
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, data] = /^event: alerts\ndata: (.*)$/m.exec(text.slice(0, end)) ?? []
      if (data !== undefined) toldAtMs.set((JSON.parse(data) as { open: number }).open, performance.now())
      text = text.slice(end + 2)
    }
  }
})().catch(() => undefined)

const toEventMs: number[] = []
const toListMs: number[] = []
for (let number = 1; number <= photos; number++) {
  const file = path.join(folder, `${number}.jpg`)
  await sharp(portrait('audrey.jpg'))
    .modulate({ brightness: 0.8 + number * 0.01 })
    .jpeg()
    .toFile(file)
  const { id } = await startImport(ctx, importer, { source: file, collection: 'Bench' })
  await listItems(ctx, id, () => undefined)
  let enrolledMs = 0
  await runImport(ctx, importer, { importId: id, onCommit: () => (enrolledMs = performance.now()) })
  while (!toldAtMs.has(number)) {
    if (performance.now() - enrolledMs > WAIT_MS) throw new Error(`Alert ${number} has not come.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await liaison.client.call('listAlerts', { query: { state: 'open', limit: 24 } })
  toEventMs.push(toldAtMs.get(number)! - enrolledMs)
  toListMs.push(performance.now() - enrolledMs)
}
closing.abort()
await following
await service.remove()
await rm(folder, { recursive: true })
const figures = (values: number[]): string =>
  `median ${median(values).toFixed(0)}, longest ${Math.max(...values).toFixed(0)}`
process.stdout.write(`photos: ${photos}\n`)
process.stdout.write(`enrolment to event, ms: ${figures(toEventMs)}\n`)
process.stdout.write(`enrolment to list read, ms: ${figures(toListMs)}\n`)

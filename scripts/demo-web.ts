import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import pino from 'pino'
import { makePracticeRecord, practiceOf } from '../src/access/practice.ts'
import { startEngine } from '../src/cli/start-engine.ts'
import { readServiceConfig } from '../src/config.ts'
import { openContext, type OpenContext } from '../src/open-context.ts'
import { reasonOf } from '../src/errors.ts'
import { startService } from '../src/http/start-service.ts'
import { openInBrowser } from './practice/open-in-browser.ts'
import { openCases } from './practice/practice-cases.ts'
import { importForensic, importPosts, importVideo } from './practice/practice-media.ts'
import { hasAlert, lookForMissing } from './practice/practice-missing.ts'
import { openAgency, type Crew } from './practice/practice-people.ts'
import { fetchSamplePhotos } from './sample-photos.ts'

/**
 * `npm run demo:web`: a practice instance, filled, in a temporary folder that is removed at the end.
 *
 * 1. the web app is built, samples and model pack are fetched, side by side; 2. a new record for practice, served on this
 * machine only; 3. an agency, its photos, cases, a missing person: through the API, as people would; 4. the browser is
 * opened; 5. the video is read while one looks; 6. Ctrl-C ends it and removes the folder.
 * See [Note: practice] for what keeps this from being a real record.
 */

/** `localhost` is left to a real service: browsers share cookies between the ports of one host. */
const HOST = '127.0.0.1'

const stopping = new AbortController()
const { signal } = stopping
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function buildWeb(): Promise<void> {
  const child = spawn(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn'],
    { stdio: ['ignore', 'inherit', 'inherit'], signal },
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('The web app could not be built.')
}

/** Everything that there is to see but the video. */
async function fill(
  ctx: OpenContext,
  folder: string,
  { address, setupLink }: { address: string; setupLink: string },
): Promise<Crew> {
  const { password } = (await practiceOf(ctx.store.db))!
  const crew = await openAgency(address, setupLink, password)
  say('Reading the sample photos …')
  await importPosts(ctx, crew, folder)
  await lookForMissing(crew)
  await importForensic(ctx, crew, folder)
  say('Opening cases …')
  await openCases(ctx, crew)
  await hasAlert(crew, signal)
  return crew
}

async function readVideo(ctx: OpenContext, crew: Crew): Promise<void> {
  try {
    await fetchSamplePhotos(['videos'])
    if (signal.aborted) return
    const trouble = await importVideo(ctx, crew, signal)
    if (signal.aborted) return
    say(trouble === undefined ? 'The sample video is in too.' : `The sample video was not read: ${trouble}`)
  } catch (error) {
    if (!signal.aborted) say(`The sample video was not read: ${reasonOf(error)}`)
  }
}

async function practise(folder: string): Promise<void> {
  say('Preparing a practice instance: building the web app, fetching models and sample photos once …')
  const ctx = await openContext({
    dataFolder: path.join(folder, 'data'),
    operatorKey: undefined,
    createEngine: startEngine,
  })
  try {
    await makePracticeRecord(ctx)
    await Promise.all([buildWeb(), fetchSamplePhotos(['groups', 'portraits']), ctx.engine()])
    if (signal.aborted) return
    const port = await freePort()
    const address = `http://${HOST}:${port}`
    const config = readServiceConfig({ host: HOST, port, publicUrl: address, logLevel: 'silent' }, {})
    const service = await startService(ctx, config, pino({ level: 'silent' }), { practice: true })
    let video: Promise<void> | undefined
    try {
      const crew = await fill(ctx, folder, { address, setupLink: service.setupLink! })
      video = readVideo(ctx, crew)
      say(`\nPractise at ${address}`)
      say('Sign in as anybody with one click. Ctrl-C ends it and removes everything.')
      if (!(await openInBrowser(address)))
        say('No browser could be opened here: open the address in one yourself.')
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      await video
      await service.stop()
    }
  } finally {
    await ctx.close()
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'likeness-practice-'))
try {
  await practise(folder)
} catch (error) {
  if (!signal.aborted) throw error
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

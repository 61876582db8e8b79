import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { fetchSamplePhotos } from '../../scripts/sample-photos.ts'
import { createCollection } from '../../src/collections/create-collection.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { openContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { readFrames } from '../../src/video/read-frames.ts'
import { makeClip } from '../../test/support/make-video.ts'

/**
 * How fast a video is taken in, whole: hash, copy into the vault, decoding, faces, tracks, commit. A minute of a sample video
 * brought to 1280 x 720 with one face all along, at the standard rate. `--runs N`; with `--hour` the sample video instead,
 * looped to an hour, and the memory of this process each minute of video. `--peer ffmpeg` names an ffmpeg program: then only
 * decoding is measured, the same pictures by the decoder that npm brings and by that program, turn by turn.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    hour: { type: 'boolean', default: false },
    peer: { type: 'string' },
  },
})
/** With bars at the sides: pulled to 16:9 the face would be half as wide again, and harder to read than faces are. */
const PICTURE = { width: 1280, height: 720, filters: ['scale=900:720', 'pad=1280:720:190:0'] }
/** What the import asks for: two frames for each that is looked at. */
const EVERY_S = 0.249
const actor = { kind: 'operator' as const, name: 'bench' }

await fetchSamplePhotos(['videos'])
const folder = mkdtempSync(path.join(tmpdir(), 'likeness-bench-'))
const engine = await createEngine()
try {
  if (values.peer !== undefined) await againstPeer(values.peer, Number(values.runs))
  else if (values.hour) await anHour()
  else await aMinute(Number(values.runs))
} finally {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
}

async function aMinute(runs: number): Promise<void> {
  const video = makeClip(folder, 'minute.mp4', { seconds: 60, ...PICTURE })
  const ratios: number[] = []
  for (let run = 0; run < runs; run++) {
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    const seen = await take(video, () => undefined)
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpu)
    ratios.push(60 / seconds)
    say({ run: run + 1, timesRealTime: 60 / seconds, seconds, ownCpuSeconds: (user + system) / 1e6, ...seen })
  }
  say({ medianTimesRealTime: median(ratios), runs })
}

async function anHour(): Promise<void> {
  const video = makeClip(folder, 'hour.mp4', { seconds: 200, times: 18 })
  const megabytes: number[] = []
  const startedMs = performance.now()
  const seen = await take(video, (timeS) => {
    if (timeS < megabytes.length * 60) return
    megabytes.push(Math.round(process.memoryUsage().rss / 1024 / 1024))
    say({ minute: megabytes.length - 1, residentMb: megabytes[megabytes.length - 1] })
  })
  const seconds = (performance.now() - startedMs) / 1000
  say({ timesRealTime: 3600 / seconds, ...seen, largestMb: Math.max(...megabytes) })
}

async function againstPeer(program: string, runs: number): Promise<void> {
  const video = makeClip(folder, 'minute.mp4', { seconds: 60, ...PICTURE })
  const here: number[] = []
  const there: number[] = []
  for (let run = 0; run < runs; run++) {
    here.push(await timed(() => decodeHere(video)))
    there.push(await timed(() => decodeThere(program, video)))
    say({ run: run + 1, hereSeconds: here[run], peerSeconds: there[run] })
  }
  say({ medianHere: median(here), medianPeer: median(there), runs })
}

async function decodeHere(video: string): Promise<void> {
  const file = await open(video)
  const facts = { container: 'mp4' as const, streamIndex: 0, widthPx: 1280, heightPx: 720 }
  const frames = readFrames({
    inputFd: file.fd,
    facts,
    fromS: 0,
    toS: 60,
    take: { everyS: EVERY_S },
  })
  while ((await frames.next()).done !== true);
  await file.close()
}

/** As Likeness called ffmpeg when it used the machine's. */
async function decodeThere(program: string, video: string): Promise<void> {
  const select = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${EVERY_S})'`
  const scale = 'scale=1280:720:flags=bicubic+accurate_rnd+full_chroma_int+bitexact'
  const one = [
    '-v',
    'error',
    '-copyts',
    '-start_at_zero',
    '-threads',
    '1',
    '-i',
    video,
    '-filter_threads',
    '1',
  ]
  const out = [
    '-an',
    '-vf',
    `${select},${scale}`,
    '-vsync',
    'passthrough',
    '-pix_fmt',
    'rgb24',
    '-f',
    'rawvideo',
    'pipe:1',
  ]
  const child = spawn(program, [...one, ...out], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  await once(child, 'close')
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return (performance.now() - startedMs) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** Takes a video into a new record. */
async function take(
  video: string,
  onTime: (timeS: number) => void,
): Promise<{ frames: number; tracks: number }> {
  const dataFolder = mkdtempSync(path.join(folder, 'data-'))
  const ctx = await openContext({ dataFolder, operatorKey: undefined, createEngine: async () => engine })
  await createCollection(ctx, actor, {
    title: 'Bench',
    lawfulBasis: 'measuring',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const { id } = await startImport(ctx, actor, { source: video, collection: 'Bench' })
  await listItems(ctx, id, () => undefined)
  let frames = 0
  const onVideo = (_name: string, progress: { timeS: number; frames: number }): void => {
    frames = progress.frames
    onTime(progress.timeS)
  }
  const { tally } = await runImport(ctx, actor, { importId: id, onVideo })
  // The engine is used again.
  await ctx.index.close()
  await ctx.store.close()
  return { frames, tracks: tally.faces }
}

function say(facts: Record<string, number>): void {
  const rounded = Object.entries(facts).map(([name, value]) => [name, Math.round(value * 100) / 100])
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`)
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { fetchSamplePhotos, sampleVideo } from '../../scripts/sample-photos.ts'
import { createCollection } from '../../src/collections/create-collection.ts'
import { runImport } from '../../src/collections/import/run-import.ts'
import { listItems, startImport } from '../../src/collections/import/start-import.ts'
import { openContext } from '../../src/context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'

/**
 * How fast a video is taken in, whole: hash, copy into the vault, decoding, faces, tracks, commit. A minute of a sample video
 * brought to 1280 x 720 with one face all along, at the standard rate. `--runs N`; with `--hour` the sample video instead,
 * looped to an hour, and the memory of this process each minute of video.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, hour: { type: 'boolean', default: false } },
})
/** With bars at the sides: pulled to 16:9 the face would be half as wide again, and harder to read than faces are. */
const PICTURE = 'scale=900:720,pad=1280:720:190:0,setsar=1'
const actor = { kind: 'operator' as const, name: 'bench' }

await fetchSamplePhotos(['videos'])
const folder = mkdtempSync(path.join(tmpdir(), 'likeness-bench-'))
const engine = await createEngine()
try {
  if (values.hour) await anHour()
  else await aMinute(Number(values.runs))
} finally {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
}

async function aMinute(runs: number): Promise<void> {
  const video = path.join(folder, 'minute.mp4')
  const scale = ['-t', '60', '-vf', PICTURE, '-an', '-c:v', 'libx264', '-preset', 'veryfast']
  execFileSync('ffmpeg', ['-v', 'error', '-i', sampleVideo('franck.mp4'), ...scale, video])
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
  say({ medianTimesRealTime: ratios.toSorted((a, b) => a - b)[Math.floor(runs / 2)], runs })
}

async function anHour(): Promise<void> {
  const video = path.join(folder, 'hour.mp4')
  const loop = ['-stream_loop', '17', '-i', sampleVideo('franck.mp4'), '-t', '3600', '-c', 'copy']
  execFileSync('ffmpeg', ['-v', 'error', ...loop, video])
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

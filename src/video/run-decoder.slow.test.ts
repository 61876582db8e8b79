import { open } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sampleVideo } from '../../scripts/sample-photos.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import type { CopyTask, FramesTask } from './decoder/messages.ts'
import { startDecoder, type DecoderRun, type Ending } from './run-decoder.ts'

const FRAMES = {
  task: 'frames',
  demuxer: 'mov',
  streamIndex: 0,
  fromS: 0,
  toS: 200,
  take: { atS: 0 },
} as const
/** Every frame of the sample video: some seconds of processor time. */
const WHOLE: FramesTask = { ...FRAMES, widthPx: 360, heightPx: 288 }
/** A picture of 432 MB, several times over. */
const HUGE: FramesTask = { ...FRAMES, widthPx: 12_000, heightPx: 12_000 }
const COPY: CopyTask = {
  task: 'copy',
  demuxer: 'mov',
  streamIndex: 0,
  widthPx: 360,
  heightPx: 288,
  filters: ['format=yuv420p'],
}

/** Runs the decoder on the sample video. */
async function run(wanted: Omit<DecoderRun, 'inputFd'>): Promise<Ending['how']> {
  const input = await open(sampleVideo('franck.mp4'))
  onTestFinished(() => input.close())
  const decoder = startDecoder({ ...wanted, inputFd: input.fd })
  decoder.stdout.resume()
  return (await decoder.ended).how
}

test('the decoder is ended at its limit of processor time, of memory, and of what it may write', async () => {
  expect(await run({ task: WHOLE, cpuSeconds: 1 })).toBe('took_too_long')
  expect(await run({ task: HUGE, cpuSeconds: 60 })).toBe('out_of_memory')
  const file = await open(path.join(scratchFolder(), 'copy.webm'), 'w+')
  const output = { fd: file.fd, maxBytes: 64 * 1024 }
  expect(await run({ task: COPY, cpuSeconds: 60, output })).toBe('too_large')
  expect((await file.stat()).size).toBeLessThanOrEqual(64 * 1024)
  await file.close()
})

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { sampleVideo } from '../../scripts/sample-photos.ts'
import type { DecoderTask } from './decoder/messages.ts'
import { probeVideo } from './probe-video.ts'
import { complaintOf, startDecoder, type DecoderRun, type RunningDecoder } from './run-decoder.ts'

const FRAMES = {
  task: 'frames',
  demuxer: 'mov',
  streamIndex: 0,
  fromS: 0,
  toS: 200,
  take: { atS: 0 },
} as const
/** Every frame of the sample video at its own size: some seconds of processor time, a gigabyte of pictures. */
const WHOLE: DecoderTask = { ...FRAMES, widthPx: 360, heightPx: 288 }

/** Starts the decoder on the sample video. */
async function start(run: Omit<DecoderRun, 'inputFd'>): Promise<RunningDecoder> {
  const input = await open(sampleVideo('franck.mp4'))
  onTestFinished(() => input.close())
  return startDecoder({ ...run, inputFd: input.fd })
}

/** Ids of this process's children. */
function children(): string[] {
  const file = `/proc/${process.pid}/task/${process.pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean) : []
}

/** The id of the decoder, once it has taken the shell's place. */
async function idOf(before: readonly string[]): Promise<string> {
  for (;;) {
    const id = children().find((one) => !before.includes(one))
    if (id !== undefined && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('decoder-process')) {
      if (readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith(process.execPath)) return id
    }
    await wait(1)
  }
}

test('the decoder ends when nobody wants its result', async () => {
  const stop = new AbortController()
  const run = await start({ task: WHOLE, cpuSeconds: 60, signal: stop.signal })
  stop.abort()
  expect((await run.ended).how).toBe('stopped')
})

test.runIf(process.platform === 'linux')(
  'the decoder knows nothing of its parent, and when it crashes only its own work is lost',
  async () => {
    process.env.LIKENESS_TEST_SECRET = 'not for decoders'
    const before = children()
    const run = await start({ task: WHOLE, cpuSeconds: 60 })
    delete process.env.LIKENESS_TEST_SECRET
    const id = await idOf(before)
    const environment = readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').filter(Boolean)
    expect(environment.map((line) => line.split('=')[0]).toSorted()).toEqual(['HOME', 'LC_ALL', 'PWD'])
    const limits = readFileSync(`/proc/${id}/limits`, 'utf8')
    expect(limits).toMatch(/Max file size +0 /)
    expect(limits).toMatch(/Max address space +4294967296 /)
    const own = spawnSync('/usr/bin/unshare', ['--user', '--map-current-user', '--net', '--ipc', 'true'])
    // Many containers forbid it; there it shares this process's network, and docs say so.
    const isApart = readlinkSync(`/proc/${id}/ns/net`) !== readlinkSync('/proc/self/ns/net')
    expect(isApart).toBe(own.status === 0)
    process.kill(Number(id), 'SIGSEGV')
    run.stdout.resume()
    const ending = await run.ended
    expect(ending.how).toBe('crashed')
    expect(complaintOf(ending)).toBe('the decoder ended with SIGSEGV')

    const input = await open(sampleVideo('franck.mp4'))
    expect(await probeVideo(input.fd, 'mp4')).toMatchObject({ outcome: 'probed' })
    await input.close()
  },
)

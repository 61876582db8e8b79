import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { findVideoPrograms } from './programs.ts'
import { startProgram, type Ending } from './run-program.ts'

/** Runs ffmpeg on pictures that it makes up itself, as no file of a user's can. */
async function run(args: readonly string[], cpuSeconds: number, signal?: AbortSignal): Promise<Ending> {
  const file = path.join(scratchFolder(), 'empty')
  writeFileSync(file, '')
  const input = await open(file)
  onTestFinished(() => input.close())
  const { ffmpeg } = await findVideoPrograms()
  const program = startProgram({
    program: ffmpeg,
    args: ['-v', 'error', ...args],
    inputFd: input.fd,
    cpuSeconds,
    signal,
  })
  program.stdout.resume()
  program.side?.resume()
  return program.ended
}

test('a program is ended at its limit of processor time, and of memory', async () => {
  const endless = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=1000', '-f', 'null', '-']
  expect((await run(endless, 1)).how).toBe('took_too_long')
  const huge = ['-f', 'lavfi', '-i', 'color=size=32000x32000', '-pix_fmt', 'rgba', '-f', 'null', '-']
  expect(['out_of_memory', 'failed']).toContain((await run(huge, 60)).how)
})

test('a program may write into no file, and ends when nobody wants its result', async () => {
  const target = path.join(scratchFolder(), 'written.bmp')
  const writing = ['-f', 'lavfi', '-i', 'testsrc', '-frames:v', '1', '-y', target]
  expect((await run(writing, 10)).how).not.toBe('done')
  expect(existsSync(target) ? readFileSync(target).length : 0).toBe(0)
  const stop = new AbortController()
  const endless = ['-f', 'lavfi', '-i', 'testsrc2=rate=1000', '-f', 'null', '-']
  const ending = run(endless, 60, stop.signal)
  stop.abort()
  expect((await ending).how).toBe('stopped')
})

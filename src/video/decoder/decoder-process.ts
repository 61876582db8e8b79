import { openSync, writeSync } from 'node:fs'
import process from 'node:process'
import { copyTask } from './copy-task.ts'
import { loadFfmpeg, type FfmpegLibrary } from './ffmpeg-library.ts'
import { framesTask } from './frames-task.ts'
import type { DecoderTask } from './messages.ts'
import { probeTask } from './probe-task.ts'
import { writeOut } from './write-out.ts'

/**
 * The program of the decoder's process, see [Note: video decoder]: one task, then the end. What goes wrong is written to standard error; the exit code is then 1.
 */
const STDERR = 2
/** The file is opened anew, so that nobody else's place in it moves; where that is the same descriptor again, so be it. */
const INPUT_FILE = process.platform === 'linux' ? '/proc/self/fd/3' : '/dev/fd/3'

async function run(library: FfmpegLibrary, task: DecoderTask): Promise<void> {
  const inputFd = openSync(INPUT_FILE, 'r')
  if (task.task === 'frames') await framesTask(library, inputFd, task)
  else if (task.task === 'copy') copyTask(library, inputFd, task)
  else await writeOut(Buffer.from(JSON.stringify(probeTask(library, inputFd, task))))
}

let exitCode = 0
try {
  await run(loadFfmpeg(), JSON.parse(process.argv[2]) as DecoderTask)
} catch (error) {
  exitCode = 1
  writeSync(STDERR, `${error instanceof Error ? error.message : String(error)}\n`)
}
// Without waiting for finalizers: FFmpeg's objects have owners that would be freed in the wrong order.
process.exit(exitCode)

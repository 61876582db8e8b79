import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { programFile } from '../concurrency/start-thread.ts'
import { AppError } from '../errors.ts'
import { decoderPackage } from './decoder/ffmpeg-library.ts'
import type { DecoderTask } from './decoder/messages.ts'
import { MAX_COMPLAINT_BYTES, MAX_DECODER_HEAP_MB, MAX_PROGRAM_MEMORY_BYTES } from './limits.ts'
import { namespaceCommand } from './namespaces.ts'

/**
 * [Note: video decoder]
 * Nobody's video is decoded in this process. For each piece of work a process of its own is started, which loads FFmpeg's
 * libraries (`@seydx/node-av-*`), does that one thing and ends. It has
 *
 * - limits that the kernel keeps: processor time, address space, no core dump, and no byte written into any file (what
 *   it makes leaves through a pipe), but for the playable copy, which goes into an open file without a name (4);
 * - the one file it may read, as an open descriptor (3). FFmpeg opens it by `fd:`, the only protocol that is let through:
 *   the names of files and addresses that stand in a video mean nothing to it;
 * - the demuxer that the file's first bytes call for, so a playlist is not followed, and only the decoders in codecs.ts;
 * - where the system allows it, namespaces of its own: no network (namespaces.ts);
 * - an empty environment, no standard input, the root folder as working folder, no channel of messages.
 *
 * It is ended with SIGKILL when it gives nothing for `MAX_SILENT_MS`, when its output passes its limit, or when nobody
 * wants the result any more. When it crashes, that one video is refused, with the signal's name.
 */
const SCRIPT = `ulimit -c 0 && ulimit -t "$1" && ulimit -f "$3" || exit 126
${process.platform === 'darwin' ? '' : 'ulimit -v "$2" || exit 126'}
shift 3; exec "$@"`
/** Found out once, with the first video. */
let namespaces: readonly string[] | undefined
/** The unit of `ulimit -f` (POSIX). */
const FILE_BLOCK_BYTES = 512
const PROGRAM = fileURLToPath(programFile(import.meta.url, 'decoder/decoder-process'))

export type Ending =
  | { how: 'done'; complaint: string }
  | {
      how: 'failed' | 'crashed' | 'out_of_memory' | 'took_too_long' | 'too_large' | 'stopped'
      complaint: string
    }

export interface RunningDecoder {
  stdout: Readable
  ended: Promise<Ending>
  /** Ends it at once. @param how what is said of it */
  kill(how: 'took_too_long' | 'stopped'): void
}

export interface DecoderRun {
  task: DecoderTask
  /** Descriptor of the file it reads; stays open. */
  inputFd: number
  /** Descriptor of the file that it may write, and how much. */
  output?: { fd: number; maxBytes: number }
  cpuSeconds: number
  signal?: AbortSignal | undefined
}

/** What reads videos here: the package and its version; recorded with everything made by it. @throws AppError `video_decoder_missing` */
export function decoderVersion(): string {
  const name = decoderPackage()
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string }
    return `FFmpeg in ${name} ${version}`
  } catch {
    throw new AppError(
      'video_decoder_missing',
      `Videos are read with ${name}, which is not installed: npm left optional packages out. Run \`npm ci\` without \`--omit=optional\`, then go on with the import.`,
    )
  }
}

/**
 * Starts the decoder's process as [Note: video decoder] says. What goes wrong in it is in `ended`.
 * @throws AppError `video_decoder_missing`
 */
export function startDecoder({ task, inputFd, output, cpuSeconds, signal }: DecoderRun): RunningDecoder {
  decoderVersion()
  const memoryKb = Math.floor(MAX_PROGRAM_MEMORY_BYTES / 1024)
  const fileBlocks = Math.floor((output?.maxBytes ?? 0) / FILE_BLOCK_BYTES)
  const node = [process.execPath, `--max-old-space-size=${MAX_DECODER_HEAP_MB}`, '--no-warnings', PROGRAM]
  const limits = [cpuSeconds, memoryKb, fileBlocks].map(String)
  namespaces ??= namespaceCommand([process.execPath, PROGRAM])
  const command = [...namespaces, ...node, JSON.stringify(task)]
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...limits, ...command], {
    cwd: '/',
    env: { LC_ALL: 'C', HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe', inputFd, output?.fd ?? 'ignore'],
  })
  let killed: 'took_too_long' | 'stopped' | undefined
  const kill = (how: 'took_too_long' | 'stopped'): void => {
    killed ??= how
    child.kill('SIGKILL')
  }
  const stop = (): void => kill('stopped')
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const ended = endingOf(child, () => killed).finally(() => signal?.removeEventListener('abort', stop))
  // A reader that has gone closes the pipe under the process: that is how it ends, not an error here.
  child.stdout!.on('error', () => undefined)
  return { stdout: child.stdout!, ended, kill }
}

function endingOf(
  child: ChildProcess,
  killed: () => 'took_too_long' | 'stopped' | undefined,
): Promise<Ending> {
  let complaint = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < MAX_COMPLAINT_BYTES)
      complaint += text.slice(0, MAX_COMPLAINT_BYTES - complaint.length)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ how: killed() ?? 'failed', complaint: error.message }))
    child.once('close', (code, signal) => {
      const how = killed() ?? (code === 0 ? 'done' : howItEnded(signal, complaint))
      resolve({ how, complaint: how === 'crashed' ? `the decoder ended with ${signal}` : complaint })
    })
  })
}

function howItEnded(signal: NodeJS.Signals | null, complaint: string): Exclude<Ending['how'], 'done'> {
  // The kernel ends what has used its processor time: SIGXCPU, or SIGKILL where that is not heeded.
  if (signal === 'SIGXCPU' || signal === 'SIGKILL') return 'took_too_long'
  if (signal === 'SIGXFSZ' || /file too large/i.test(complaint)) return 'too_large'
  // Node.js ends itself with `FATAL ERROR` when it gets no memory for a picture.
  if (/cannot allocate memory|out of memory|FATAL ERROR/i.test(complaint)) return 'out_of_memory'
  return signal === null ? 'failed' : 'crashed'
}

/** One line of what the decoder said, without addresses inside it. */
export function complaintOf({ complaint }: { complaint: string }): string {
  const line = complaint.split('\n').find((text) => text.trim() !== '') ?? ''
  return line
    .replaceAll(/\[[^\]]*@ 0x[0-9a-f]+\]\s*/g, '')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .trim()
    .slice(0, 200)
}

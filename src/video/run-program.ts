import { spawn, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { MAX_COMPLAINT_BYTES, MAX_PROGRAM_MEMORY_BYTES } from './limits.ts'

/**
 * [Note: video programs]
 * Nobody's video is decoded in this process. ffmpeg and ffprobe are started for each piece of work with
 *
 * - limits that the kernel keeps: processor time, address space, no core dump, and no byte written into any file (what
 *   they make leaves through pipes), but for the playable copy, which goes into an open file without a name (4);
 * - the one file they may read, as an open descriptor (3): they know no path, and it may be one that has no name any more;
 * - `-protocol_whitelist file` and the demuxer that the file's first bytes call for: a playlist is not followed, no
 *   address is looked up, no other file is opened; and only the decoders named in codecs.ts;
 * - an empty environment, no standard input, the root folder as working folder.
 *
 * They are ended with SIGKILL when they give nothing for `MAX_SILENT_MS`, when their output passes its limit, or when
 * nobody wants the result any more.
 */
const SCRIPT = `ulimit -c 0 && ulimit -t "$1" && ulimit -f "$3" || exit 126
${process.platform === 'darwin' ? '' : 'ulimit -v "$2" || exit 126'}
shift 3; exec "$@"`
/** The unit of \`ulimit -f\` (POSIX). */
const FILE_BLOCK_BYTES = 512

const FILES = process.platform === 'linux' ? 'file:/proc/self/fd' : 'file:/dev/fd'
/** The files under which a program finds descriptors 3 and 4. */
export const INPUT_FILE = `${FILES}/3`
export const OUTPUT_FILE = `${FILES}/4`

export type Ending =
  | { how: 'done'; complaint: string }
  | { how: 'failed' | 'out_of_memory' | 'took_too_long' | 'too_large' | 'stopped'; complaint: string }

export interface RunningProgram {
  stdout: Readable
  /** What it writes to descriptor 4, unless that is a file. */
  side: Readable | undefined
  ended: Promise<Ending>
  /** Ends it at once. @param how what is said of it */
  kill(how: 'took_too_long' | 'stopped'): void
}

export interface ProgramRun {
  program: string
  args: readonly string[]
  /** Descriptor of the file it reads; stays open. */
  inputFd: number
  /** Descriptor of a file that it may write, and how much; without it what it writes to descriptor 4 comes as `side`. */
  output?: { fd: number; maxBytes: number }
  cpuSeconds: number
  signal?: AbortSignal | undefined
}

/** Starts a program as [Note: video programs] says. Never throws; what goes wrong is in `ended`. */
export function startProgram({
  program,
  args,
  inputFd,
  output,
  cpuSeconds,
  signal,
}: ProgramRun): RunningProgram {
  const memoryKb = Math.floor(MAX_PROGRAM_MEMORY_BYTES / 1024)
  const fileBlocks = Math.floor((output?.maxBytes ?? 0) / FILE_BLOCK_BYTES)
  const child = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'sh', String(cpuSeconds), String(memoryKb), String(fileBlocks), program, ...args],
    {
      cwd: '/',
      env: { LC_ALL: 'C', HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe', inputFd, output?.fd ?? 'pipe'],
    },
  )
  let killed: 'took_too_long' | 'stopped' | undefined
  const kill = (how: 'took_too_long' | 'stopped'): void => {
    killed ??= how
    child.kill('SIGKILL')
  }
  const stop = (): void => kill('stopped')
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const ended = endingOf(child, () => killed).finally(() => signal?.removeEventListener('abort', stop))
  const side = output === undefined ? (child.stdio[4] as Readable) : undefined
  // A reader that has gone closes the pipe under the program: that is how it ends, not an error here.
  for (const stream of [child.stdout!, side]) stream?.on('error', () => undefined)
  return { stdout: child.stdout!, side, ended, kill }
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
      const how = killed()
      if (how !== undefined) resolve({ how, complaint })
      else if (code === 0) resolve({ how: 'done', complaint })
      // The kernel ends what has used its processor time: SIGXCPU, or SIGKILL where that is not heeded.
      else if (signal === 'SIGXCPU' || signal === 'SIGKILL') resolve({ how: 'took_too_long', complaint })
      else if (signal === 'SIGXFSZ' || /file too large/i.test(complaint))
        resolve({ how: 'too_large', complaint })
      else if (/cannot allocate memory|out of memory/i.test(complaint))
        resolve({ how: 'out_of_memory', complaint })
      else resolve({ how: 'failed', complaint })
    })
  })
}

/** One line of what a program said, without addresses inside it. */
export function complaintOf({ complaint }: { complaint: string }): string {
  const line = complaint.split('\n').find((text) => text.trim() !== '') ?? ''
  return line
    .replaceAll(/\[[^\]]*@ 0x[0-9a-f]+\]\s*/g, '')
    .replaceAll(INPUT_FILE, 'the file')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .trim()
    .slice(0, 200)
}

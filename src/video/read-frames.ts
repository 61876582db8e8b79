import type { Readable } from 'node:stream'
import { MAX_PROGRAM_CPU_SECONDS, MAX_SILENT_MS } from './limits.ts'
import { inputArgs, type VideoFacts } from './probe-video.ts'
import { findVideoPrograms } from './programs.ts'
import { INPUT_FILE, startProgram, type Ending, type RunningProgram } from './run-program.ts'

/** One picture of a video. */
export interface Frame {
  /** Presentation time: seconds from the file's beginning, as players count. */
  timeS: number
  /** The same in the stream's own units, counted from the file's beginning: names the frame exactly. */
  pts: number
  /** 8-bit RGB, upright, square pixels, rows from the top. */
  pixels: Buffer
}

/** What of a video is decoded. */
export interface FrameRequest {
  inputFd: number
  facts: Pick<VideoFacts, 'container' | 'streamIndex' | 'widthPx' | 'heightPx'>
  /** First moment that is wanted; earlier pictures are decoded from the key frame on and dropped. */
  fromS: number
  /** End of what is wanted, itself left out. */
  toS: number
  /** ffmpeg's condition for a frame to be taken. */
  select: string
  signal?: AbortSignal | undefined
}

/**
 * Decodes pictures of a stretch of a video with ffmpeg, one after another; memory: one picture and what is in the pipe.
 * Returning early ends the program.
 * @returns as the generator's last value how the program ended
 * @throws AppError `video_programs_missing`; the signal's reason
 */
export async function* readFrames(request: FrameRequest): AsyncGenerator<Frame, Ending> {
  const { facts, signal } = request
  const { ffmpeg, keepFrames } = await findVideoPrograms()
  const run = startProgram({
    program: ffmpeg,
    args: frameArgs(request, keepFrames),
    inputFd: request.inputFd,
    cpuSeconds: MAX_PROGRAM_CPU_SECONDS,
    signal,
  })
  const times = timesOf(run.side!)
  const bytes = facts.widthPx * facts.heightPx * 3
  let isOver = false
  try {
    for await (const pixels of cut(run, bytes)) {
      const time = await times.next()
      if (time === undefined) break
      yield { ...time, pixels }
    }
    isOver = true
  } finally {
    if (!isOver) run.kill('stopped')
    times.end()
  }
  const ending = await run.ended
  signal?.throwIfAborted()
  return ending
}

function frameArgs({ facts, fromS, toS, select }: FrameRequest, keepFrames: readonly string[]): string[] {
  const filters = [
    `trim=end=${seconds(toS)}`,
    `select='${select}'`,
    // Also for pictures that change their size on the way.
    `scale=${facts.widthPx}:${facts.heightPx}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact`,
    'setsar=1',
    'metadata=mode=add:key=likeness:value=1',
    `metadata=mode=print:key=likeness:file=pipe\\\\:4:direct=1`,
  ]
  return [
    '-nostdin',
    ...inputArgs(facts.container),
    // With these, times are those of the file whatever is skipped, counted from its beginning.
    '-copyts',
    '-start_at_zero',
    ...(fromS > 0 ? ['-ss', seconds(fromS)] : []),
    '-threads',
    '1',
    '-i',
    INPUT_FILE,
    '-map',
    `0:${facts.streamIndex}`,
    '-an',
    '-sn',
    '-dn',
    '-filter_threads',
    '1',
    '-vf',
    filters.join(','),
    ...keepFrames,
    '-pix_fmt',
    'rgb24',
    '-f',
    'rawvideo',
    'pipe:1',
  ]
}

function seconds(value: number): string {
  return value.toFixed(6)
}

/** Cuts a program's output into pieces of one length; what is left at the end is dropped. */
async function* cut(run: RunningProgram, pieceBytes: number): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafe(pieceBytes)
  let filled = 0
  const chunks = run.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (;;) {
    // Only while somebody waits for it can a program be late.
    const timer = setTimeout(() => run.kill('took_too_long'), MAX_SILENT_MS)
    const next = await chunks.next().catch(() => ({ done: true as const, value: undefined }))
    clearTimeout(timer)
    if (next.done === true) return
    let rest = next.value
    while (rest.byteLength > 0) {
      const take = Math.min(rest.byteLength, pieceBytes - filled)
      rest.copy(piece, filled, 0, take)
      filled += take
      rest = rest.subarray(take)
      if (filled < pieceBytes) continue
      yield piece
      piece = Buffer.allocUnsafe(pieceBytes)
      filled = 0
    }
  }
}

const TIME_LINE = /^frame:\S+\s+pts:(-?\d+)\s+pts_time:(\S+)/
/** Longest line that is waited for. */
const MAX_LINE_CHARS = 4096

/** The frames' times, in their order; they come beside the pictures. */
function timesOf(side: Readable): {
  next(): Promise<Pick<Frame, 'timeS' | 'pts'> | undefined>
  end(): void
} {
  const waiting: Pick<Frame, 'timeS' | 'pts'>[] = []
  let wake: (() => void) | undefined
  let isClosed = false
  let text = ''
  const tell = (): void => {
    wake?.()
    wake = undefined
  }
  side.setEncoding('utf8').on('data', (part: string) => {
    const lines = `${text}${part}`.split('\n')
    text = (lines.pop() ?? '').slice(-MAX_LINE_CHARS)
    for (const line of lines) {
      const match = TIME_LINE.exec(line)
      if (match !== null) waiting.push({ pts: Number(match[1]), timeS: Number(match[2]) })
    }
    tell()
  })
  const close = (): void => {
    isClosed = true
    tell()
  }
  side.once('end', close).once('close', close)
  return {
    async next() {
      while (waiting.length === 0) {
        if (isClosed) return undefined
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return waiting.shift()
    },
    end: () => side.destroy(),
  }
}

import { FRAME_HEAD_BYTES, type Take } from './decoder/messages.ts'
import { MAX_PROGRAM_CPU_SECONDS, MAX_SILENT_MS } from './limits.ts'
import type { VideoFacts } from './probe-video.ts'
import { startDecoder, type Ending, type RunningDecoder } from './run-decoder.ts'
import { DEMUXERS } from './sniff-container.ts'

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
  /** Which of them. */
  take: Take
  signal?: AbortSignal | undefined
}

/**
 * Decodes pictures of a stretch of a video, one after another; memory: one picture and what is in the pipe. Returning early
 * ends the decoder.
 * @returns as the generator's last value how the decoder ended
 * @throws AppError `video_decoder_missing`; the signal's reason
 */
export async function* readFrames(request: FrameRequest): AsyncGenerator<Frame, Ending> {
  const { facts, fromS, toS, take, signal } = request
  const { container, streamIndex, widthPx, heightPx } = facts
  const run = startDecoder({
    task: { task: 'frames', demuxer: DEMUXERS[container], streamIndex, widthPx, heightPx, fromS, toS, take },
    inputFd: request.inputFd,
    cpuSeconds: MAX_PROGRAM_CPU_SECONDS,
    signal,
  })
  let isOver = false
  try {
    for await (const piece of cut(run, FRAME_HEAD_BYTES + widthPx * heightPx * 3)) {
      yield {
        pts: Number(piece.readBigInt64LE(0)),
        timeS: piece.readDoubleLE(8),
        pixels: piece.subarray(FRAME_HEAD_BYTES),
      }
    }
    isOver = true
  } finally {
    if (!isOver) run.kill('stopped')
  }
  const ending = await run.ended
  signal?.throwIfAborted()
  return ending
}

/** Cuts the decoder's output into pieces of one length; what is left at the end is dropped. */
async function* cut(run: RunningDecoder, pieceBytes: number): AsyncGenerator<Buffer> {
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

import {
  END_OF_FILE,
  must,
  type CodecContext,
  type FfmpegLibrary,
  type Frame,
  type Packet,
  type Rational,
} from './ffmpeg-library.ts'
import { FilterChain, FrameClock } from './filter-chain.ts'
import { FRAME_HEAD_BYTES, type FramesTask, type Take } from './messages.ts'
import { keepStreams, openDecoder, openInput, type OpenInput } from './open-input.ts'
import { displayMatrixOf, uprightFilters } from './rotation.ts'
import { writeOut } from './write-out.ts'

/**
 * How far before the wanted moment decoding begins, in seconds: a little where the demuxer goes to a key frame, for the sake
 * of streams whose first frame in the file is not the first one shown; and further where nothing could be decoded in time.
 */
const ENTER_BEFORE_S = [0.2, 5, 25, 125]
/** Streams without times: in them nothing can be found but from the beginning. */
const BARE = new Set(['h264', 'hevc', 'mpegvideo', 'mjpeg'])
/** `AVSEEK_FLAG_BACKWARD` */
const BACKWARD = 1
/** `AVERROR(ENOMEM)` */
const NO_MEMORY = -12
/** Past this share of packets that cannot be decoded the stretch counts as damaged. */
const MOST_BROKEN = 2 / 3

/**
 * Decodes a stretch of one stream and writes the frames that are wanted to standard output.
 * @throws Error in FFmpeg's words; what was written before stays good
 */
export async function framesTask(library: FfmpegLibrary, inputFd: number, task: FramesTask): Promise<void> {
  const input = openInput(library, inputFd, task.demuxer)
  const stream = input.streams[task.streamIndex]
  const decoder = stream === undefined ? undefined : openDecoder(library, stream)
  if (decoder === undefined) throw new Error('it has no stream of pictures that is read here')
  keepStreams(input, [stream.index])
  const { timeBase } = stream
  const startPts = inUnits(Number(input.startUs) / 1e6, timeBase)
  const writer = new FrameWriter(library, task, timeBase, uprightFilters(displayMatrixOf(stream)))
  const fromPts = inUnits(task.fromS, timeBase)
  const mayJump = task.fromS > 0 && !BARE.has(task.demuxer)
  for (const beforeS of mayJump ? ENTER_BEFORE_S : [Infinity]) {
    const enterS = Math.max(0, task.fromS - beforeS)
    if (mayJump) jump(input, decoder, stream.index, startPts + inUnits(enterS, timeBase))
    const isLast = enterS === 0 || beforeS === ENTER_BEFORE_S.at(-1)
    const clock = new FrameClock()
    let isFirst = true
    let isTooLate = false
    for (const frame of decodedFrames(library, input, stream.index, decoder)) {
      const pts = clock.timeOf(frame) - startPts
      isTooLate = isFirst && !isLast && pts > fromPts
      isFirst = false
      if (isTooLate || !(await writer.take(frame, pts))) break
    }
    if (!isTooLate && !(isFirst && !isLast)) return
  }
}

/** Where FFmpeg cannot jump it stays where it is, and what is not wanted is dropped. */
function jump({ format }: OpenInput, decoder: CodecContext, streamIndex: number, pts: bigint): void {
  format.seekFrameSync(streamIndex, pts, BACKWARD)
  decoder.flushBuffers()
}

function inUnits(seconds: number, { num, den }: Rational): bigint {
  return BigInt(Math.round((seconds * den) / num))
}

/** Keeps to the task's choice and size. */
class FrameWriter {
  readonly #task: FramesTask
  readonly #unitS: number
  readonly #chain: FilterChain
  readonly #out: Frame
  #lastS: number | undefined

  constructor(library: FfmpegLibrary, task: FramesTask, base: Rational, upright: readonly string[]) {
    this.#task = task
    this.#unitS = base.num / base.den
    const { widthPx, heightPx } = task
    this.#chain = FilterChain.ofPictures(library, base, [
      ...upright,
      // Also for pictures that change their size on the way.
      `scale=${widthPx}:${heightPx}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact`,
      'format=rgb24',
    ])
    this.#out = new library.Frame()
    this.#out.alloc()
  }

  /** Writes a frame when it is wanted. @returns whether more are wanted */
  async take(frame: Frame, pts: bigint): Promise<boolean> {
    const timeS = Number(pts) * this.#unitS
    if (timeS >= this.#task.toS) return false
    if (timeS < this.#task.fromS || !this.#isWanted(this.#task.take, pts, timeS)) return true
    this.#lastS = timeS
    for (const made of this.#chain.push(frame, this.#out)) await writeOut(headOf(pts, timeS), made.toBuffer())
    return true
  }

  #isWanted(take: Take, pts: bigint, timeS: number): boolean {
    if ('pts' in take) return pts === BigInt(take.pts)
    if ('atS' in take) return timeS >= take.atS
    return this.#lastS === undefined || timeS - this.#lastS >= take.everyS
  }
}

function headOf(pts: bigint, timeS: number): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES)
  head.writeBigInt64LE(pts, 0)
  head.writeDoubleLE(timeS, 8)
  return head
}

/**
 * Decoded frames of a stream, in the order in which they are shown; each is good until the next is asked for. What cannot
 * be decoded is left out.
 * @throws Error when the file cannot be read on, or most of it cannot be decoded
 */
export function* decodedFrames(
  library: FfmpegLibrary,
  { format }: OpenInput,
  streamIndex: number,
  decoder: CodecContext,
): Generator<Frame> {
  const packet: Packet = new library.Packet()
  packet.alloc()
  const frame = new library.Frame()
  frame.alloc()
  const count = { good: 0, broken: 0 }
  for (let code = 0; code >= 0;) {
    code = format.readFrameSync(packet)
    if (code < 0 && code !== END_OF_FILE) must(library, code, 'reading on')
    if (code >= 0 && packet.streamIndex !== streamIndex) {
      packet.unref()
      continue
    }
    const sent = decoder.sendPacketSync(code >= 0 ? packet : null)
    if (sent === NO_MEMORY) must(library, sent, 'decoding')
    if (sent < 0 && code >= 0) count.broken += 1
    packet.unref()
    while (decoder.receiveFrameSync(frame) >= 0) {
      count.good += 1
      yield frame
      frame.unref()
    }
  }
  if (count.broken > (count.broken + count.good) * MOST_BROKEN) {
    throw new Error(`${count.broken} of its packets could not be decoded`)
  }
}

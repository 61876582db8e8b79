import process from 'node:process'
import {
  AUDIO,
  dictionaryOf,
  must,
  type CodecContext,
  type FfmpegLibrary,
  type FormatContext,
  type Frame,
  type Packet,
  type Rational,
  type Stream,
} from './ffmpeg-library.ts'
import { FilterChain, FrameClock } from './filter-chain.ts'
import type { CopyTask } from './messages.ts'
import { encoderOf, keepStreams, openDecoder, openInput, type OpenInput } from './open-input.ts'
import { displayMatrixOf, uprightFilters } from './rotation.ts'

/** Into a file, not a pipe: only then does it say how long it is and where its key frames lie. */
const OUTPUT_FILE = process.platform === 'linux' ? 'file:/proc/self/fd/4' : 'file:/dev/fd/4'
/** WebM counts in milliseconds. */
const MILLISECONDS: Rational = { num: 1, den: 1000 }
const SOUND_RATE = 48_000
const SOUND_BASE: Rational = { num: 1, den: SOUND_RATE }
/** Samples of 20 ms, which Opus takes at once. */
const OPUS_SAMPLES = 960
/** `AV_CODEC_FLAG_GLOBAL_HEADER`, `AVFMT_FLAG_BITEXACT`, `AV_PICTURE_TYPE_I` */
const GLOBAL_HEADER = 0x400000
const FORMAT_BITEXACT = 0x400
const KEY_PICTURE = 1
/** `AV_SAMPLE_FMT_FLT`, `AV_PIX_FMT_YUV420P`, `AV_CHANNEL_LAYOUT_STEREO` */
const FLOAT_SAMPLES = 3
const YUV420P = 0
const STEREO = { nbChannels: 2, order: 1, mask: 3n }
const PICTURE_BITS = 1_500_000n
const SOUND_BITS = 64_000n
/** For encoders that want to know; frames keep their own times. */
const USUAL_RATE: Rational = { num: 30, den: 1 }

/**
 * Makes the copy that browsers play: VP8 and Opus in WebM, times counted from the file's beginning, a key frame each second.
 * Sound that cannot be read is left out.
 * @throws Error in FFmpeg's words
 */
export function copyTask(library: FfmpegLibrary, inputFd: number, task: CopyTask): void {
  const input = openInput(library, inputFd, task.demuxer)
  const output = new library.FormatContext()
  must(library, output.allocOutputContext2(null, 'webm', OUTPUT_FILE), 'making the copy')
  output.flags |= FORMAT_BITEXACT
  const pictures = new PictureTrack(library, input, task)
  const sound = soundTrack(library, input)
  const tracks: Track[] = sound === undefined ? [pictures] : [pictures, sound]
  keepStreams(
    input,
    tracks.map(({ stream }) => stream.index),
  )
  const copy = new CopyWriter(library, output, tracks)
  const packet = new library.Packet()
  packet.alloc()
  while (input.format.readFrameSync(packet) >= 0) {
    const track = tracks.find(({ stream }) => stream.index === packet.streamIndex)
    if (track !== undefined) copy.decode(track, packet)
    packet.unref()
  }
  for (const track of tracks) copy.finish(track)
  copy.close()
}

function soundTrack(library: FfmpegLibrary, input: OpenInput): SoundTrack | undefined {
  const stream = input.streams.find(({ codecpar }) => codecpar.codecType === AUDIO)
  if (stream === undefined) return undefined
  try {
    const decoder = openDecoder(library, stream)
    return decoder === undefined ? undefined : new SoundTrack(library, input, stream, decoder)
  } catch {
    return undefined
  }
}

/** One stream on its way from the file to the copy. */
interface Track {
  readonly stream: Stream
  readonly decoder: CodecContext
  readonly encoder: CodecContext
  readonly base: Rational
  /** Frames as the encoder takes them. */
  convert(frame: Frame): Generator<Frame>
  rest(): Generator<Frame>
}

class PictureTrack implements Track {
  readonly stream: Stream
  readonly decoder: CodecContext
  readonly encoder: CodecContext
  readonly base = MILLISECONDS
  readonly #chain: FilterChain
  readonly #out: Frame
  readonly #clock = new FrameClock()
  readonly #startMs: number
  #lastMs = -1
  #nextKeyMs = 0

  constructor(library: FfmpegLibrary, input: OpenInput, task: CopyTask) {
    this.stream = input.streams[task.streamIndex]
    const decoder = this.stream === undefined ? undefined : openDecoder(library, this.stream)
    if (decoder === undefined) throw new Error('it has no stream of pictures that is read here')
    this.decoder = decoder
    this.#startMs = Number(input.startUs) / 1000
    const upright = uprightFilters(displayMatrixOf(this.stream))
    this.#chain = FilterChain.ofPictures(library, this.stream.timeBase, [...upright, ...task.filters])
    this.#out = new library.Frame()
    this.#out.alloc()
    this.encoder = pictureEncoder(library, task)
  }

  *convert(frame: Frame): Generator<Frame> {
    const { num, den } = this.stream.timeBase
    const time = this.#clock.timeOf(frame)
    const ms = Math.round((Number(time) * num * 1000) / den - this.#startMs)
    // Two frames of one moment cannot both be shown.
    if (ms <= this.#lastMs) return
    for (const made of this.#chain.push(frame, this.#out)) {
      made.pts = BigInt(ms)
      made.duration = 0n
      made.pictType = ms >= this.#nextKeyMs ? KEY_PICTURE : 0
      if (ms >= this.#nextKeyMs) this.#nextKeyMs = (Math.floor(ms / 1000) + 1) * 1000
      this.#lastMs = ms
      yield made
    }
  }

  *rest(): Generator<Frame> {
    // Each frame leaves these filters as it enters them.
  }
}

function pictureEncoder(library: FfmpegLibrary, { widthPx, heightPx }: CopyTask): CodecContext {
  const codec = encoderOf(library, 'libvpx')
  const encoder = new library.CodecContext()
  encoder.allocContext3(codec)
  encoder.width = widthPx
  encoder.height = heightPx
  encoder.pixelFormat = YUV420P
  encoder.sampleAspectRatio = { num: 1, den: 1 }
  encoder.timeBase = MILLISECONDS
  encoder.framerate = USUAL_RATE
  encoder.bitRate = PICTURE_BITS
  encoder.threadCount = 2
  encoder.flags |= GLOBAL_HEADER
  const options = dictionaryOf(library, { deadline: 'realtime', 'cpu-used': '8', crf: '24' })
  must(library, encoder.open2Sync(codec, options), 'opening the encoder of pictures')
  return encoder
}

class SoundTrack implements Track {
  readonly stream: Stream
  readonly decoder: CodecContext
  readonly encoder: CodecContext
  readonly base = SOUND_BASE
  readonly #chain: FilterChain
  readonly #out: Frame
  readonly #clock = new FrameClock()
  /** Where the file's times begin, in samples of the copy. */
  readonly #start: bigint
  #nextPts = 0n

  constructor(library: FfmpegLibrary, { startUs }: OpenInput, stream: Stream, decoder: CodecContext) {
    this.stream = stream
    this.decoder = decoder
    this.#start = (startUs * BigInt(SOUND_RATE)) / 1_000_000n
    this.#chain = FilterChain.ofSound(library, stream.timeBase, [
      `aresample=${SOUND_RATE}`,
      'aformat=sample_fmts=flt:channel_layouts=stereo',
      `asetnsamples=n=${OPUS_SAMPLES}:p=1`,
    ])
    this.#out = new library.Frame()
    this.#out.alloc()
    this.encoder = soundEncoder(library)
  }

  *convert(frame: Frame): Generator<Frame> {
    frame.pts = this.#clock.timeOf(frame)
    for (const made of this.#chain.push(frame, this.#out)) yield* this.#timed(made)
  }

  *rest(): Generator<Frame> {
    for (const made of this.#chain.end(this.#out)) yield* this.#timed(made)
  }

  /** What stands before the beginning, or goes back in time, is left out. */
  *#timed(made: Frame): Generator<Frame> {
    const pts = made.pts - this.#start
    if (pts < this.#nextPts) return
    made.pts = pts
    this.#nextPts = pts + BigInt(made.nbSamples)
    yield made
  }
}

function soundEncoder(library: FfmpegLibrary): CodecContext {
  const codec = encoderOf(library, 'libopus')
  const encoder = new library.CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = SOUND_RATE
  encoder.sampleFormat = FLOAT_SAMPLES
  encoder.channelLayout = STEREO
  encoder.timeBase = SOUND_BASE
  encoder.bitRate = SOUND_BITS
  encoder.flags |= GLOBAL_HEADER
  must(library, encoder.open2Sync(codec, null), 'opening the encoder of sound')
  return encoder
}

/** The file that is made. */
class CopyWriter {
  readonly #library: FfmpegLibrary
  readonly #output: FormatContext
  readonly #streams = new Map<Track, Stream>()
  readonly #frame: Frame
  readonly #packet: Packet

  constructor(library: FfmpegLibrary, output: FormatContext, tracks: readonly Track[]) {
    this.#library = library
    this.#output = output
    this.#frame = new library.Frame()
    this.#frame.alloc()
    this.#packet = new library.Packet()
    this.#packet.alloc()
    for (const track of tracks) {
      const stream = output.newStream(null)
      must(library, stream.codecpar.fromContext(track.encoder), 'describing a stream of the copy')
      stream.timeBase = track.base
      this.#streams.set(track, stream)
    }
    must(library, output.openOutputSync(), 'opening the copy')
    must(library, output.writeHeaderSync(null), 'beginning the copy')
  }

  /** Sends a packet through; one that cannot be decoded is left out. */
  decode(track: Track, packet: Packet | null): void {
    track.decoder.sendPacketSync(packet)
    while (track.decoder.receiveFrameSync(this.#frame) >= 0) {
      for (const made of track.convert(this.#frame)) this.#encode(track, made)
      this.#frame.unref()
    }
  }

  /** Lets out what decoder, filters and encoder still hold. */
  finish(track: Track): void {
    this.decode(track, null)
    for (const made of track.rest()) this.#encode(track, made)
    this.#encode(track, null)
  }

  close(): void {
    must(this.#library, this.#output.writeTrailerSync(), 'ending the copy')
    this.#output.closeOutputSync()
  }

  #encode(track: Track, frame: Frame | null): void {
    must(this.#library, track.encoder.sendFrameSync(frame), 'encoding')
    const stream = this.#streams.get(track)!
    while (track.encoder.receivePacketSync(this.#packet) >= 0) {
      this.#packet.streamIndex = stream.index
      this.#packet.rescaleTs(track.base, stream.timeBase)
      must(this.#library, this.#output.interleavedWriteFrameSync(this.#packet), 'writing the copy')
    }
  }
}

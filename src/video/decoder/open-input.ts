import { CODEC_ALLOW_LIST } from '../codecs.ts'
import { MAX_STREAMS } from '../limits.ts'
import {
  dictionaryOf,
  must,
  NO_PTS,
  type Codec,
  type CodecContext,
  type FfmpegLibrary,
  type FormatContext,
  type Stream,
} from './ffmpeg-library.ts'

/** A video that is open for reading. */
export interface OpenInput {
  format: FormatContext
  streams: Stream[]
  /** Where the file's times begin, in microseconds: players count from here. */
  startUs: bigint
}

/**
 * Opens the one file that may be read, by its descriptor. `fd` is the only protocol that opens: no name of a file and no
 * address means anything to it. The demuxer is the one that was asked for, whatever else the bytes could be taken for.
 * @throws Error in FFmpeg's words
 */
export function openInput(library: FfmpegLibrary, fd: number, demuxer: string): OpenInput {
  const format = new library.FormatContext()
  const kind = library.InputFormat.findInputFormat(demuxer)
  if (kind === null) throw new Error(`there is no demuxer ${demuxer}`)
  const options = dictionaryOf(library, {
    fd: String(fd),
    protocol_whitelist: 'fd',
    format_whitelist: demuxer,
    codec_whitelist: CODEC_ALLOW_LIST,
    max_streams: String(MAX_STREAMS),
  })
  must(library, format.openInputSync('fd:', kind, options), 'opening it')
  must(library, format.findStreamInfoSync(null), 'looking at its streams')
  const { startTime } = format
  return { format, streams: format.streams ?? [], startUs: startTime === NO_PTS ? 0n : startTime }
}

const ALLOWED = new Set(CODEC_ALLOW_LIST.split(','))

/** The decoder for a stream, opened on one thread; undefined when none on the list can read it. */
export function openDecoder(library: FfmpegLibrary, stream: Stream): CodecContext | undefined {
  const codec = library.Codec.findDecoder(stream.codecpar.codecId)
  if (codec === null || !ALLOWED.has(codec.name)) return undefined
  const context = new library.CodecContext()
  context.allocContext3(codec)
  must(library, context.parametersToContext(stream.codecpar), 'reading the head of a stream')
  context.pktTimebase = stream.timeBase
  context.threadCount = 1
  const code = context.open2Sync(codec, dictionaryOf(library, { codec_whitelist: CODEC_ALLOW_LIST }))
  must(library, code, `opening the decoder ${codec.name}`)
  return context
}

/** An encoder by name. @throws Error when the build has none */
export function encoderOf(library: FfmpegLibrary, name: string): Codec {
  const codec = library.Codec.findEncoderByName(name)
  if (codec === null) throw new Error(`there is no encoder ${name}`)
  return codec
}

/** Leaves only these streams in what is read. */
export function keepStreams({ streams }: OpenInput, kept: readonly number[]): void {
  for (const stream of streams) stream.discard = kept.includes(stream.index) ? DISCARD_DEFAULT : DISCARD_ALL
}

/** `AVDISCARD_DEFAULT`, `AVDISCARD_ALL` */
const DISCARD_DEFAULT = 0
const DISCARD_ALL = 48

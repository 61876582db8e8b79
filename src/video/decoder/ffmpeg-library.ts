import { createRequire } from 'node:module'
import process from 'node:process'
import { AppError } from '../../errors.ts'

/**
 * What is used of FFmpeg's libraries, as the packages `@seydx/node-av-*` (the native half of node-av) give them. Only the
 * half without install steps is taken: node-av's own package fetches a program from elsewhere when it is installed. Names and
 * meanings are those of libavformat, libavcodec and libavfilter; a number below 0 is an error (`AVERROR`). Only the decoder's
 * own process loads it, see [Note: video decoder].
 */
export interface FfmpegLibrary {
  FormatContext: new () => FormatContext
  CodecContext: new () => CodecContext
  Packet: new () => Packet
  Frame: new () => Frame
  Dictionary: new () => Dictionary
  FilterGraph: new () => FilterGraph
  Filter: { getByName(name: string): object | null }
  InputFormat: { findInputFormat(name: string): object | null }
  Codec: {
    findDecoder(id: number): Codec | null
    findDecoderByName(name: string): Codec | null
    findEncoderByName(name: string): Codec | null
  }
  FFmpegError: { strerror(code: number): string }
  Log: { setLevel(level: number): void }
  avGetPixFmtName(format: number): string | null
  avGetSampleFmtName(format: number): string | null
  avGetCodecName(id: number): string | null
  avChannelLayoutDescribe(layout: object): string | null
  getFFmpegInfo(): { version: string; configuration: string }
}

export interface Rational {
  num: number
  den: number
}

export interface Dictionary {
  set(key: string, value: string, flags: number): number
  getAll(): Record<string, string>
}

export interface Codec {
  readonly name: string
}

export interface CodecParameters {
  readonly codecType: number
  readonly codecId: number
  readonly width: number
  readonly height: number
  readonly format: number
  readonly sampleAspectRatio: Rational
  fromContext(context: CodecContext): number
  getCodedSideData(type: number): Buffer | null
}

export interface Stream {
  readonly index: number
  readonly codecpar: CodecParameters
  timeBase: Rational
  readonly startTime: bigint
  discard: number
  readonly disposition: number
  readonly sampleAspectRatio: Rational
  readonly avgFrameRate: Rational
  readonly rFrameRate: Rational
  readonly metadata: Dictionary | null
}

export interface FormatContext {
  /** Microseconds, or {@link NO_PTS}. */
  readonly startTime: bigint
  readonly duration: bigint
  readonly streams: Stream[] | null
  readonly metadata: Dictionary | null
  flags: number
  allocOutputContext2(format: null, name: string | null, file: string): number
  openInputSync(url: string, format: object | null, options: Dictionary): number
  findStreamInfoSync(options: null): number
  openOutputSync(): number
  closeOutputSync(): void
  newStream(codec: Codec | null): Stream
  readFrameSync(packet: Packet): number
  seekFrameSync(stream: number, time: bigint, flags: number): number
  writeHeaderSync(options: Dictionary | null): number
  interleavedWriteFrameSync(packet: Packet | null): number
  writeTrailerSync(): number
}

export interface CodecContext {
  pktTimebase: Rational
  timeBase: Rational
  framerate: Rational
  threadCount: number
  flags: number
  width: number
  height: number
  pixelFormat: number
  sampleAspectRatio: Rational
  bitRate: bigint
  sampleRate: number
  sampleFormat: number
  channelLayout: object
  allocContext3(codec: Codec): void
  parametersToContext(parameters: CodecParameters): number
  open2Sync(codec: Codec, options: Dictionary | null): number
  sendPacketSync(packet: Packet | null): number
  receiveFrameSync(frame: Frame): number
  flushBuffers(): void
  sendFrameSync(frame: Frame | null): number
  receivePacketSync(packet: Packet): number
}

export interface Packet {
  streamIndex: number
  duration: bigint
  alloc(): void
  unref(): void
  rescaleTs(from: Rational, to: Rational): void
}

export interface Frame {
  readonly width: number
  readonly height: number
  readonly format: number
  readonly colorSpace: number
  readonly colorRange: number
  readonly sampleAspectRatio: Rational
  readonly sampleRate: number
  readonly channelLayout: object
  readonly nbSamples: number
  readonly bestEffortTimestamp: bigint
  pts: bigint
  duration: bigint
  pictType: number
  alloc(): void
  unref(): void
  /** All planes, rows without padding. */
  toBuffer(): Buffer
}

export interface FilterContext {
  link(sourcePad: number, to: FilterContext, toPad: number): number
  buffersrcAddFrameSync(frame: Frame | null): number
  buffersinkGetFrameSync(frame: Frame): number
}

export interface FilterGraph {
  nbThreads: number
  alloc(): void
  free(): void
  createFilter(filter: object, name: string, args: string | null): FilterContext | null
  configSync(): number
}

/** `AV_NOPTS_VALUE` */
export const NO_PTS = -(2n ** 63n)
/** `AVERROR_EOF` and `AVERROR(EAGAIN)` */
export const END_OF_FILE = -541_478_725
export const TRY_AGAIN = process.platform === 'darwin' ? -35 : -11
/** `AVMEDIA_TYPE_VIDEO`, `AVMEDIA_TYPE_AUDIO` */
export const VIDEO = 0
export const AUDIO = 1

/** Platforms for which the decoder comes with `npm ci`. */
const PLATFORMS = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])

/** Name of the package that holds the decoder for this machine. @throws AppError `video_decoder_missing` */
export function decoderPackage(platform: string = process.platform, arch: string = process.arch): string {
  const kind = `${platform}-${arch}`
  if (PLATFORMS.has(kind)) return `@seydx/node-av-${kind}`
  throw new AppError(
    'video_decoder_missing',
    `Videos are read on Linux and macOS (x64 and arm64, glibc); this machine is ${kind}.`,
  )
}

/** Loads FFmpeg's libraries into this process. @throws what the loader of native addons throws */
export function loadFfmpeg(): FfmpegLibrary {
  const library = createRequire(import.meta.url)(decoderPackage()) as FfmpegLibrary
  library.Log.setLevel(LOG_ERRORS)
  return library
}

/** `AV_LOG_ERROR` */
const LOG_ERRORS = 16

/** @throws Error with FFmpeg's own words when a call failed */
export function must(library: FfmpegLibrary, code: number, doing: string): number {
  if (code < 0) throw new Error(`${doing}: ${library.FFmpegError.strerror(code)}`)
  return code
}

/** FFmpeg frees the options of a codec itself; were they let go here, their finalizer would free them once more. */
const KEPT: Dictionary[] = []

export function dictionaryOf(library: FfmpegLibrary, values: Record<string, string>): Dictionary {
  const dictionary = new library.Dictionary()
  for (const [key, value] of Object.entries(values)) dictionary.set(key, value, 0)
  KEPT.push(dictionary)
  return dictionary
}

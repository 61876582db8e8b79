import type { UnreadableReason } from '../engine/types.ts'
import type { ProbeOutput, ProbeStream } from './decoder/messages.ts'
import {
  MAX_PROBE_CPU_SECONDS,
  MAX_PROBE_OUTPUT_BYTES,
  MAX_SILENT_MS,
  MAX_STREAMS,
  MAX_VIDEO_PIXELS,
  MAX_VIDEO_SECONDS,
  MAX_VIDEO_SIDE_PX,
  MIN_VIDEO_SIDE_PX,
} from './limits.ts'
import { complaintOf, startDecoder, type Ending } from './run-decoder.ts'
import { DEMUXERS, type Container } from './sniff-container.ts'

/** Why a video is not taken: those of photos, and its own. */
export type VideoRefusalReason =
  | UnreadableReason
  | 'no_picture_stream'
  | 'too_many_streams'
  | 'too_large_pictures'
  | 'too_long'

export interface VideoRefusal {
  outcome: 'unreadable'
  reason: VideoRefusalReason
  /** One sentence for people, without the file's name. */
  detail: string
}

/** One stream of the file, with FFmpeg's names. */
export interface StreamFacts {
  index: number
  kind: string
  codec: string
  language?: string
}

/** What the file says of itself, and of the one stream of pictures that is read. */
export interface VideoFacts {
  container: Container
  /** Seconds from the first presentation time to the last; undefined when the file does not say. */
  durationS: number | undefined
  streams: StreamFacts[]
  /** Index of the stream that is read. */
  streamIndex: number
  codec: string
  pixelFormat: string
  /** Size of a picture upright and with square pixels: the frame of every box of its faces. */
  widthPx: number
  heightPx: number
  /** Clockwise turn that makes the stored pictures upright: 0, 90, 180 or 270. */
  rotationDegrees: number
  /** Mean; 0 when the file does not say. */
  framesASecond: number
  /** Whether pictures stand at uneven distances, as phones write them. Times are presentation times either way. */
  isVariable: boolean
  /** When and where the device says it was taken, and what it calls itself; claims of the file, as it writes them. */
  capturedAt: string | undefined
  latitude: number | undefined
  longitude: number | undefined
  device: string | undefined
}

/**
 * Reads a video's facts in the decoder's process, and applies every limit that can be applied before a
 * picture is decoded.
 * @param inputFd open descriptor of the file; stays open
 * @throws AppError `video_decoder_missing`; the signal's reason when it fires
 */
export async function probeVideo(
  inputFd: number,
  container: Container,
  signal?: AbortSignal,
): Promise<{ outcome: 'probed'; facts: VideoFacts } | VideoRefusal> {
  const run = startDecoder({
    task: { task: 'probe', demuxer: DEMUXERS[container] },
    inputFd,
    cpuSeconds: MAX_PROBE_CPU_SECONDS,
    signal,
  })
  const timer = setTimeout(() => run.kill('took_too_long'), MAX_SILENT_MS)
  const parts: Buffer[] = []
  let bytes = 0
  run.stdout.on('data', (part: Buffer) => {
    bytes += part.byteLength
    if (bytes > MAX_PROBE_OUTPUT_BYTES) run.kill('stopped')
    else parts.push(part)
  })
  const ending = await run.ended
  clearTimeout(timer)
  signal?.throwIfAborted()
  if (bytes > MAX_PROBE_OUTPUT_BYTES || /exceeds max_streams/.test(ending.complaint)) return tooManyStreams()
  if (ending.how !== 'done') return refuseEnding(ending, 'looking at it')
  const found = parse(Buffer.concat(parts).toString('utf8'))
  return found === undefined
    ? refuse('damaged', 'damaged or cut short: its head cannot be read')
    : factsOf(found, container)
}

export function refuse(reason: VideoRefusalReason, detail: string): VideoRefusal {
  return { outcome: 'unreadable', reason, detail }
}

/** What a program's end says of the video. */
export function refuseEnding(ending: Ending, doing: string): VideoRefusal {
  if (ending.how === 'took_too_long') {
    return refuse(
      'took_too_long',
      `${doing} took longer than a video may (MAX_PROGRAM_CPU_SECONDS, MAX_SILENT_MS)`,
    )
  }
  if (ending.how === 'out_of_memory') {
    return refuse('out_of_memory', `${doing} needed more memory than a video may (MAX_PROGRAM_MEMORY_BYTES)`)
  }
  const said = complaintOf(ending)
  if (ending.how === 'crashed') return refuse('damaged', `damaged: ${said} while ${doing}`)
  return refuse('damaged', `damaged or cut short${said === '' ? '' : ` (${said})`}`)
}

function tooManyStreams(): VideoRefusal {
  return refuse('too_many_streams', `it has more than MAX_STREAMS, ${MAX_STREAMS} streams`)
}

function parse(text: string): ProbeOutput | undefined {
  try {
    return JSON.parse(text) as ProbeOutput
  } catch {
    return undefined
  }
}

function factsOf(
  { durationS, streams, tags }: ProbeOutput,
  container: Container,
): { outcome: 'probed'; facts: VideoFacts } | VideoRefusal {
  if (streams.length > MAX_STREAMS) return tooManyStreams()
  const stream = chooseStream(streams)
  if (stream === undefined)
    return refuse('no_picture_stream', 'it has no stream of pictures that is read here')
  const { width, height, meanRate, nominalRate } = stream
  const refused = checkSize(width, height)
  if (refused !== undefined) return refused
  // The file counts anticlockwise; only quarter turns are made.
  const rotationDegrees = (((Math.round(-stream.rotationDegrees / 90) * 90) % 360) + 360) % 360
  const square = Math.max(1, Math.round(width * (stream.pixelAspect || 1)))
  const shown = squareSize(square, width, height)
  const turned = rotationDegrees % 180 !== 0
  if (durationS !== undefined && durationS > MAX_VIDEO_SECONDS) {
    return refuse(
      'too_long',
      `it says that it lasts ${Math.round(durationS)} s; the limit MAX_VIDEO_SECONDS is ${MAX_VIDEO_SECONDS} s`,
    )
  }
  const facts: VideoFacts = {
    container,
    durationS: durationS !== undefined && durationS > 0 ? durationS : undefined,
    streams: streams.map(({ index, kind, codec, tags: said }) => ({
      index,
      kind,
      codec,
      ...(said.language === undefined ? {} : { language: said.language.slice(0, 20) }),
    })),
    streamIndex: stream.index,
    codec: stream.codec,
    pixelFormat: stream.pixelFormat ?? 'unknown',
    widthPx: turned ? shown.height : shown.width,
    heightPx: turned ? shown.width : shown.height,
    rotationDegrees,
    framesASecond: meanRate,
    isVariable: meanRate > 0 && nominalRate > 0 && Math.abs(meanRate / nominalRate - 1) > VARIABLE_FROM,
    ...claimsOf({ ...stream.tags, ...tags }),
  }
  return { outcome: 'probed', facts }
}

/** Mean and nominal rate of a file with even distances differ by rounding. */
const VARIABLE_FROM = 0.01
/** Wider pixels than this are a mistake in the file, not a format. */
const WIDEST_PIXEL = 4

function pixels({ width, height }: ProbeStream): number {
  return width * height
}

function chooseStream(streams: readonly ProbeStream[]): ProbeStream | undefined {
  const pictures = streams.filter(
    ({ kind, isCover, pixelFormat }) => kind === 'video' && !isCover && pixelFormat !== undefined,
  )
  return pictures.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault) || pixels(b) - pixels(a))[0]
}

function checkSize(width: number, height: number): VideoRefusal | undefined {
  if (width > MAX_VIDEO_SIDE_PX || height > MAX_VIDEO_SIDE_PX || width * height > MAX_VIDEO_PIXELS) {
    return refuse(
      'too_large_pictures',
      `its pictures are ${width} x ${height} pixels; the limits are MAX_VIDEO_SIDE_PX ${MAX_VIDEO_SIDE_PX} and MAX_VIDEO_PIXELS ${MAX_VIDEO_PIXELS}`,
    )
  }
  if (width < MIN_VIDEO_SIDE_PX || height < MIN_VIDEO_SIDE_PX) {
    return refuse(
      'too_small',
      `its pictures are ${width} x ${height} pixels; a side must have at least ${MIN_VIDEO_SIDE_PX}`,
    )
  }
  return undefined
}

/** Television stores narrow or wide pixels; a face is measured on square ones. */
function squareSize(square: number, width: number, height: number): { width: number; height: number } {
  const isPlausible =
    square <= MAX_VIDEO_SIDE_PX && square <= width * WIDEST_PIXEL && square * WIDEST_PIXEL >= width
  return { width: isPlausible ? square : width, height }
}

/** Times of a clock that was never set. */
const UNSET_CLOCK = /^(1904|1970)-01-01/
const LONGEST_CLAIM = 200

function claimsOf(
  tags: Record<string, string | undefined>,
): Pick<VideoFacts, 'capturedAt' | 'latitude' | 'longitude' | 'device'> {
  const said = (...names: string[]): string | undefined =>
    names
      .map((name) => tags[name]?.trim().slice(0, LONGEST_CLAIM))
      .find((value) => value !== undefined && value !== '')
  const time = said('com.apple.quicktime.creationdate', 'creation_time')
  const place = /^([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)/.exec(
    said('com.apple.quicktime.location.ISO6709', 'location', 'location-eng') ?? '',
  )
  const [latitude, longitude] = [Number(place?.[1]), Number(place?.[2])]
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  const device = [
    said('com.apple.quicktime.make', 'make', 'com.android.manufacturer'),
    said('com.apple.quicktime.model', 'model', 'com.android.model'),
  ].filter((word) => word !== undefined)
  return {
    capturedAt: time === undefined || UNSET_CLOCK.test(time) ? undefined : time,
    latitude: isPlace ? latitude : undefined,
    longitude: isPlace ? longitude : undefined,
    device: device.length === 0 ? undefined : device.join(' '),
  }
}

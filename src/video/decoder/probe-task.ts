import { AUDIO, NO_PTS, VIDEO, type FfmpegLibrary, type Rational, type Stream } from './ffmpeg-library.ts'
import type { ProbeOutput, ProbeStream, ProbeTask } from './messages.ts'
import { openInput } from './open-input.ts'
import { displayMatrixOf } from './rotation.ts'

/** `AV_DISPOSITION_DEFAULT`, `AV_DISPOSITION_ATTACHED_PIC` */
const DEFAULT = 0x1
const ATTACHED_PIC = 0x400
/** Microseconds in FFmpeg's own times. */
const TIME_BASE = 1e6

/** Says what a file says of itself, without decoding more of it than its streams' kinds need. */
export function probeTask(library: FfmpegLibrary, inputFd: number, { demuxer }: ProbeTask): ProbeOutput {
  const { format, streams } = openInput(library, inputFd, demuxer)
  const { duration } = format
  return {
    ...(duration === NO_PTS ? {} : { durationS: Number(duration) / TIME_BASE }),
    tags: format.metadata?.getAll() ?? {},
    streams: streams.map((stream) => factsOf(library, stream)),
  }
}

function factsOf(library: FfmpegLibrary, stream: Stream): ProbeStream {
  const { codecpar, disposition } = stream
  const isVideo = codecpar.codecType === VIDEO
  const pixelFormat = isVideo ? library.avGetPixFmtName(codecpar.format) : null
  return {
    index: stream.index,
    kind: isVideo ? 'video' : codecpar.codecType === AUDIO ? 'audio' : 'other',
    codec: library.avGetCodecName(codecpar.codecId) ?? 'unknown',
    width: codecpar.width,
    height: codecpar.height,
    ...(pixelFormat === null ? {} : { pixelFormat }),
    pixelAspect: ratio(stream.sampleAspectRatio) || ratio(codecpar.sampleAspectRatio),
    meanRate: ratio(stream.avgFrameRate),
    nominalRate: ratio(stream.rFrameRate),
    isDefault: (disposition & DEFAULT) !== 0,
    isCover: (disposition & ATTACHED_PIC) !== 0,
    rotationDegrees: displayMatrixOf(stream)?.degrees ?? 0,
    tags: stream.metadata?.getAll() ?? {},
  }
}

function ratio({ num, den }: Rational): number {
  const value = num / den
  return Number.isFinite(value) && value > 0 ? value : 0
}

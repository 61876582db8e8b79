/** What the decoder's process is asked for, as JSON in its one argument. */
export type DecoderTask = ProbeTask | FramesTask | CopyTask

/** Prints a {@link ProbeOutput} as JSON. */
export interface ProbeTask {
  task: 'probe'
  demuxer: string
}

/** Writes the frames that are wanted, each with {@link FRAME_HEAD_BYTES} before its pixels. */
export interface FramesTask {
  task: 'frames'
  demuxer: string
  streamIndex: number
  /** Size of a picture, upright and with square pixels. */
  widthPx: number
  heightPx: number
  /** First moment that is wanted, and the end of what is wanted, itself left out; seconds from the file's beginning. */
  fromS: number
  toS: number
  take: Take
}

/** Which frames: one each so many seconds; the one with this time in the stream's units; all from a moment on. */
export type Take = { everyS: number } | { pts: number } | { atS: number }

/** Writes a WebM file into descriptor 4. */
export interface CopyTask {
  task: 'copy'
  demuxer: string
  streamIndex: number
  /** Size of the copy's pictures; even. */
  widthPx: number
  heightPx: number
  /** After the picture is upright, the last ones bring it to that size in `yuv420p`; each as ffmpeg writes it. */
  filters: string[]
}

/** Before each frame's pixels: its time in the stream's units (int64), then in seconds (float64), little-endian. */
export const FRAME_HEAD_BYTES = 16

/** What a file says of itself, with ffprobe's names; every number may be missing. */
export interface ProbeOutput {
  durationS?: number
  tags: Record<string, string>
  streams: ProbeStream[]
}

export interface ProbeStream {
  index: number
  kind: 'video' | 'audio' | 'other'
  codec: string
  width: number
  height: number
  /** Missing: no decoder on the list reads it. */
  pixelFormat?: string
  /** Width of a pixel in heights; 0 when the file does not say. */
  pixelAspect: number
  /** Frames a second, mean and nominal; 0 when the file does not say. */
  meanRate: number
  nominalRate: number
  isDefault: boolean
  isCover: boolean
  /** Anticlockwise. */
  rotationDegrees: number
  tags: Record<string, string>
}

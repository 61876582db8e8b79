/** Tables of videos as Kysely sees them; see migrations/video-tables.ts. Times in `…_s` are seconds from the file's beginning. */
export interface VideoTables {
  video: VideoTable
  video_track: VideoTrackTable
  video_face: VideoFaceTable
  video_trace: VideoTraceTable
  video_progress: VideoProgressTable
  video_progress_part: VideoProgressPartTable
  derivative: DerivativeTable
  probe_frame: ProbeFrameTable
}

/** What is known of media that are a video, beside their row in `media`. */
export interface VideoTable {
  media_id: string
  container: string
  /** As the file says, or else the time of the last picture that was seen. */
  duration_s: number
  codec: string
  /** Number of the stream that was read. */
  stream_index: number
  rotation_degrees: number
  /** Mean of the file; 0 when it does not say. */
  frames_a_second: number
  is_variable: number
  /** JSON of every stream: index, kind, codec. */
  streams: string
  /** Frames a second that were looked at, at most. */
  sampled_a_second: number
  frames_looked_at: number
  /** Of those, read for faces: the others looked as the one before. */
  frames_read: number
  track_count: number
  /** A sentence about what could not be read; null when all was. */
  note: string | null
  ffmpeg_version: string
  digest: Uint8Array
}

/** One face followed through a video, see [Note: tracks]. */
export interface VideoTrackTable {
  id: string
  media_id: string
  /** From 1, in the order of first sight. */
  number: number
  first_s: number
  last_s: number
  sightings: number
  digest: Uint8Array
}

/**
 * `track`: stands for the whole track, with a fused template, shown by its best frame. `best`: one of the track's best
 * frames. Both are entered in the index. `kept`: the best of a second, for finding the moment and the strip.
 */
export type VideoFaceRole = 'track' | 'best' | 'kept'

/** Which frame of which track a face of a video is. */
export interface VideoFaceTable {
  face_id: string
  media_id: string
  track_id: string
  role: VideoFaceRole
  time_s: number
  /** In units of the stream, from the file's beginning: names the frame exactly. */
  pts: number
  /** Of the frame's pixels (8-bit RGB, upright, rows from the top): by it a still made again is known to be the same. */
  pixels_sha256: string
  /** JSON of the boxes of the frame's other faces. */
  others: string
  /** JSON of the ids of the faces whose templates are fused; null but for `track`. */
  fused_from: string | null
  digest: Uint8Array
}

/** How a track looked from moment to moment, for finding the one that is most like a probe; see trace.ts. */
export interface VideoTraceTable {
  id: string
  media_id: string
  track_id: string
  pack_id: string
  pipeline_version: string
  /** Little-endian float64 each. */
  times_s: Uint8Array
  /** For each time one signed byte a number of the template, scaled to its largest. */
  vectors: Uint8Array
  digest: Uint8Array
}

/** How far a video that is being read has come; gone when it is taken in. */
export interface VideoProgressTable {
  sha256: string
  import_id: string
  ordinal: number
  next_s: number
  duration_s: number | null
  frames: number
  faces: number
  /** JSON of the tracks that are open at `next_s`. */
  state: Uint8Array
  updated_at: string
}

/** What was found in one segment, as JSON. */
export interface VideoProgressPartTable {
  sha256: string
  number: number
  /** Kept faces. */
  tracks: Uint8Array
  /** JSON of traces. */
  trace: Uint8Array
}

/** Something made from an original, which may be deleted and is made again: its bytes stand in the folder `derived`. */
export interface DerivativeTable {
  id: string
  media_id: string
  kind: 'still' | 'copy'
  /** Of a still: its `pts`. */
  name: string
  sha256: string
  byte_length: number
  /** JSON: how it is made again. */
  recipe: string
  used_at: string
}

/** Which frame of which video a probe is. The video may be erased; the probe is the case's. */
export interface ProbeFrameTable {
  probe_id: string
  media_sha256: string
  stream_index: number
  pts: number
  time_s: number
  pixels_sha256: string
  ffmpeg_version: string
  digest: Uint8Array
}

import { type Row, blob, integer, nullable, real, table, text } from './table.ts'

/**
 * `track`: stands for the whole track, with a fused template, shown by its best frame. `best`: one of the track's best
 * frames. Both are entered in the index. `kept`: the best of a second, for finding the moment and the strip.
 */
export type VideoFaceRole = 'track' | 'best' | 'kept'

/** What is known of media that are a video, beside their row in `media`. */
export const VIDEO = table(
  {
    media_id: text({ references: 'media (id)' }),
    container: text(),
    /** As the file says, or else the time of the last picture that was seen. */
    duration_s: real(),
    codec: text(),
    /** Number of the stream that was read. */
    stream_index: integer(),
    rotation_degrees: integer(),
    /** Mean of the file; 0 when it does not say. */
    frames_a_second: real(),
    is_variable: integer(),
    /** JSON of every stream: index, kind, codec. */
    streams: text(),
    /** Frames a second that were looked at, at most. */
    sampled_a_second: real(),
    frames_looked_at: integer(),
    /** Of those, read for faces: the others looked as the one before. */
    frames_read: integer(),
    track_count: integer(),
    /** A sentence about what could not be read; null when all was. */
    note: nullable(text()),
    ffmpeg_version: text(),
    digest: blob(),
  },
  {
    primaryKey: ['media_id'],
  },
)
export type VideoTable = Row<typeof VIDEO>

/** One face followed through a video, see [Note: tracks]. */
export const VIDEO_TRACK = table(
  {
    id: text(),
    media_id: text({ references: 'media (id)' }),
    /** From 1, in the order of first sight. */
    number: integer(),
    first_s: real(),
    last_s: real(),
    sightings: integer(),
    digest: blob(),
  },
  {
    unique: [['media_id', 'number']],
  },
)

/** Which frame of which track a face of a video is. */
export const VIDEO_FACE = table(
  {
    face_id: text({ references: 'face (id)' }),
    media_id: text({ references: 'media (id)' }),
    track_id: text({ references: 'video_track (id)' }),
    role: text<VideoFaceRole>({ oneOf: ['track', 'best', 'kept'] }),
    time_s: real(),
    /** In units of the stream, from the file's beginning: names the frame exactly. */
    pts: integer(),
    /** Of the frame's pixels (8-bit RGB, upright, rows from the top): by it a still made again is known to be the same. */
    pixels_sha256: text(),
    /** JSON of the boxes of the frame's other faces. */
    others: text(),
    /** JSON of the ids of the faces whose templates are fused; null but for `track`. */
    fused_from: nullable(text()),
    digest: blob(),
  },
  {
    primaryKey: ['face_id'],
    indexes: {
      video_face_media: { on: ['media_id'] },
      video_face_track: { on: ['track_id', 'time_s'] },
    },
  },
)
export type VideoFaceTable = Row<typeof VIDEO_FACE>

/** How a track looked from moment to moment, for finding the one that is most like a probe; see trace.ts. */
export const VIDEO_TRACE = table(
  {
    id: text(),
    media_id: text({ references: 'media (id)' }),
    track_id: text({ references: 'video_track (id)' }),
    pack_id: text(),
    pipeline_version: text(),
    /** Little-endian float64 each. */
    times_s: blob(),
    /** For each time one signed byte a number of the template, scaled to its largest. */
    vectors: blob(),
    digest: blob(),
  },
  {
    indexes: {
      video_trace_track: { on: ['track_id'] },
      video_trace_media: { on: ['media_id'] },
    },
  },
)

/** How far a video that is being read has come; gone when it is taken in. */
export const VIDEO_PROGRESS = table(
  {
    sha256: text(),
    import_id: text({ references: 'import (id)' }),
    ordinal: integer(),
    next_s: real(),
    duration_s: nullable(real()),
    frames: integer(),
    faces: integer(),
    /** JSON of the tracks that are open at `next_s`. */
    state: blob(),
    updated_at: text(),
  },
  {
    primaryKey: ['sha256'],
    withoutRowid: true,
    indexes: {
      video_progress_import: { on: ['import_id', 'ordinal'] },
    },
  },
)

/** What was found in one segment, as JSON. */
export const VIDEO_PROGRESS_PART = table(
  {
    sha256: text({ references: 'video_progress (sha256) on delete cascade' }),
    number: integer(),
    /** Kept faces. */
    tracks: blob(),
    /** JSON of traces. */
    trace: blob(),
  },
  {
    primaryKey: ['sha256', 'number'],
    withoutRowid: true,
  },
)

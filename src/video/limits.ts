// Limits of videos. Each is named in the message of what it refuses.

/** Largest video file that is taken in: a day of phone video at 20 Mbit/s has 216 GB, an hour 9 GB. */
export const MAX_VIDEO_BYTES = 256 * 1024 * 1024 * 1024
/** Longest video. */
export const MAX_VIDEO_SECONDS = 24 * 3600
/** Longest side of a picture of a video, and most pixels of one: 8K. */
export const MAX_VIDEO_SIDE_PX = 8192
export const MAX_VIDEO_PIXELS = 8192 * 4320
/** Below this on either side there is no face to find. */
export const MIN_VIDEO_SIDE_PX = 16
/** Streams of one file; cameras write up to six. */
export const MAX_STREAMS = 64
/** Tracks of one video; what comes after is not followed, and the video says so. */
export const MAX_TRACKS = 10_000
/** Faces kept of one video, all tracks together. */
export const MAX_KEPT_FACES = 20_000
/** Faces of one frame that are followed, best first. */
export const MAX_FACES_A_FRAME = 100
/** Frames a second that may be asked for. */
export const MOST_FRAMES_A_SECOND = 10
export const LEAST_FRAMES_A_SECOND = 0.1

// What one run of the decoder may cost, see [Note: video decoder]. The shell's `ulimit` sets the first three.

/** Address space of its process, of which Node.js reserves a fifth; decoding 8K takes half of it. */
export const MAX_PROGRAM_MEMORY_BYTES = 4 * 1024 * 1024 * 1024
/** Processor time of one run. A run decodes at most one segment; 8K at the highest profile takes a tenth of it. */
export const MAX_PROGRAM_CPU_SECONDS = 900
/** Processor time for looking at a file's head. */
export const MAX_PROBE_CPU_SECONDS = 20
/** Processor time for making the copy that a browser plays. */
export const MAX_COPY_CPU_SECONDS = 4 * 3600
/** A program that gives nothing for so long is ended. */
export const MAX_SILENT_MS = 120_000
/** Text that it may write about a file's head. */
export const MAX_PROBE_OUTPUT_BYTES = 1024 * 1024
/** Text that a program may write as complaints; of more, the beginning is kept. */
export const MAX_COMPLAINT_BYTES = 16 * 1024
/** Bytes of a copy for the browser. */
export const MAX_COPY_BYTES = 16 * 1024 * 1024 * 1024
/** JavaScript objects of its process; pictures stand outside of it. */
export const MAX_DECODER_HEAP_MB = 256
/** Videos that are read at the same time by one service. */
export const MAX_VIDEO_READERS = 2
/** Best frames of a track that are entered in the index beside the fused template. */
export const BEST_FRAMES = 3

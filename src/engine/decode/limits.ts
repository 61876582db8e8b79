/** What one photo may cost. Each limit is named in the message of what it refuses. */

/** Largest file that is read at all; the largest phone and camera files are a tenth of this. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024
/** Largest picture; libvips' own default limit, about 16,383 x 16,383. */
export const MAX_PIXELS = 268_402_689
/** Largest picture of formats that are decoded whole, without streaming (HEIC in WebAssembly, AVIF). */
export const MAX_WHOLE_PIXELS = 64_000_000
/** Below this on either side there is no face to find. */
export const MIN_SIDE_PX = 16
/** A decode that takes longer than this is given up. */
export const MAX_DECODE_SECONDS = 60
/** Long side of the picture that detection works on; small faces are cut from the original instead. */
export const WORKING_SIDE_PX = { fast: 960, standard: 1280, thorough: 2560 } as const

// Limits of imports. Each is named in the message of what it refuses, and each has a test.

/** Largest file taken as one item. The engine has its own, smaller limits on pictures. */
export const MAX_ITEM_BYTES = 256 * 1024 * 1024
/** Most entries of one archive. */
export const MAX_ARCHIVE_ENTRIES = 2_000_000
/** An archive may inflate to this many times its compressed size; photos do not reach 2. */
export const MAX_INFLATION_RATIO = 200
/** Below this many inflated bytes the ratio says nothing: a few flat pictures compress very well. */
export const INFLATION_ALLOWANCE_BYTES = 64 * 1024 * 1024
/** Longest line of a manifest. */
export const MAX_MANIFEST_LINE_BYTES = 1024 * 1024
/** Characters of one thing that a list says of a file; names and references of people may have fewer. */
export const MAX_CLAIM_LENGTH = 64 * 1024
/** Most rows of one manifest. */
export const MAX_MANIFEST_ROWS = 5_000_000
/** Longest name of a file or archive entry. */
export const MAX_NAME_LENGTH = 4096
/** Deepest folder that is walked into. */
export const MAX_FOLDER_DEPTH = 64

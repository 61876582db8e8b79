// Limits of what is taken in. Each is named in the message of what it refuses, and each has a test.

/** Largest file that is sent to the service in parts. */
export const MAX_UPLOAD_BYTES = 256 * 1024 * 1024 * 1024
/** Files of one agency that are sent in parts, or wait to be read, at once. */
export const MAX_ON_THE_WAY = 10_000
/** Times that an item is begun before it is given up: the process died each time. */
export const MAX_ATTEMPTS = 8

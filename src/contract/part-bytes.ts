/** Bytes of one part of a file that is sent: what a line that breaks every few minutes gets through. */
export const PART_BYTES = 8 * 1024 * 1024

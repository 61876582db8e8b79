// How an import goes about its work. None of these refuses anything; limits are in ../limits.ts.

/** From this attempt on an item is leased alone, so that it cannot take others down with it. */
export const SOLO_FROM_ATTEMPT = 3
/** Items leased at once. */
export const LEASE_ITEMS = 64
/** A lease that is not renewed for so long is another process's to take. Held leases are renewed at each commit. */
export const LEASE_MS = 120_000
/** Leases of large files are renewed this often while they are read. */
export const RENEW_EVERY_MS = 30_000
/** Results committed together: one sync for all of them. */
export const COMMIT_ITEMS = 32
/** A result waits at most so long for others to be committed with. */
export const COMMIT_WAIT_MS = 500
/** Rows written in one transaction while a source is listed. */
export const LIST_ROWS = 500

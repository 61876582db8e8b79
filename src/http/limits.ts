/** Bytes of a JSON body. */
export const JSON_BODY_BYTES = 256 * 1024
/** Bytes of a probe photo; cameras' largest files are half of it. */
export const PHOTO_BODY_BYTES = 64 * 1024 * 1024
/** Bytes of all bodies with files that are held in memory at once; a body takes up to three times as much for a moment: in pieces, put together, and as the copy that a worker thread gets. */
export const PHOTO_BODIES_BYTES = 256 * 1024 * 1024
/** Requests of one account, or of one address that is not signed in, in a minute. */
export const ACCOUNT_REQUESTS_A_MINUTE = 1200
/**
 * Pictures of one account in a minute, counted apart: somebody who goes through lists of 200 candidates asks for 200 with
 * each, and must not be kept from searching by it.
 */
export const ACCOUNT_PICTURES_A_MINUTE = 6000
/** Requests of one agency in a minute, pictures left out. */
export const AGENCY_REQUESTS_A_MINUTE = 12_000
/** Attempts to sign in or to use a link from one address in a minute. */
export const SIGN_IN_REQUESTS_A_MINUTE = 60
/**
 * A connection on which nothing moves for this long is closed, with or without a request under way: longer than any answer
 * takes, and than clients may keep an idle connection for the next request, so that none is sent into a closed one.
 */
export const CONNECTION_TIMEOUT_MS = 600_000
/** A request's head and body must have come within this. */
export const REQUEST_TIMEOUT_MS = 120_000
/** What is under way when the service stops gets this long. */
export const STOP_WITHIN_MS = 20_000

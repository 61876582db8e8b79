import { AppError } from '../errors.ts'
import { PHOTO_BODIES_BYTES, PHOTO_BODY_BYTES } from './limits.ts'

const RETRY_AFTER_SECONDS = 2

/**
 * Memory for the bodies of requests that carry files, counted before a byte of them is read: a request says how long its
 * body is, one that does not is counted as the largest allowed. What does not fit is sent away and never buffered.
 */
export class BodyBudget {
  #used = 0

  /**
   * @param declared the request's Content-Length; undefined when it has none
   * @returns gives it back; to be called when the request has ended, may be called again
   * @throws AppError `limit_exceeded` for a body that is too long, `busy` when those under way leave no room
   */
  take(declared: string | undefined): () => void {
    const said = Number(declared)
    if (said > PHOTO_BODY_BYTES)
      throw new AppError(
        'limit_exceeded',
        `A file sent in one request has at most ${PHOTO_BODY_BYTES} bytes (PHOTO_BODY_BYTES); this one has ${said}.`,
      )
    const bytes = declared === undefined || !Number.isSafeInteger(said) ? PHOTO_BODY_BYTES : said
    if (this.#used + bytes > PHOTO_BODIES_BYTES)
      throw new AppError(
        'busy',
        'Too many files are being sent at once. Nothing was kept; try again in a moment.',
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      )
    this.#used += bytes
    let isHeld = true
    return () => {
      if (isHeld) this.#used -= bytes
      isHeld = false
    }
  }
}

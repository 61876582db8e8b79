import { AppError } from '../errors.ts'
import { GALLERY_LIMITS } from './limits.ts'

/** Changes one after another, in the order they came; too many waiting are refused. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed = false

  async run<T>(change: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new AppError('conflict', 'The gallery is closed.')
    if (this.#waiting >= GALLERY_LIMITS.waitingChanges) {
      throw new AppError(
        'busy',
        `${GALLERY_LIMITS.waitingChanges} changes wait already; try again in a moment.`,
      )
    }
    this.#waiting++
    const mine = this.#last.then(change).finally(() => this.#waiting--)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Refuses further changes and waits for those that were accepted. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
  }
}

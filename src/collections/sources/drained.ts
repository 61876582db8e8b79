import type { EventEmitter } from 'node:events'

/** Settles when a stream that was full takes more, or is closed. */
export function drained(stream: Pick<EventEmitter, 'once' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off('drain', settle)
      stream.off('close', settle)
      resolve()
    }
    stream.once('drain', settle)
    stream.once('close', settle)
  })
}

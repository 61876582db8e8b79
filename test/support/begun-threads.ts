import process from 'node:process'
import type { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'

/** Every worker thread that this process begins from now on, until the test ends. */
export function begunThreads(): Worker[] {
  const threads: Worker[] = []
  const note = (worker: Worker): void => void threads.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return threads
}

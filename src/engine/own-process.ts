import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

const KEY = 'likeness-own-process'

/** Says that this process runs Likeness and nothing else; its worker threads, begun later, know it too. */
export function claimProcess(): void {
  setEnvironmentData(KEY, true)
}

/** Whether settings of native libraries that hold for the whole process may be changed. */
export function isOwnProcess(): boolean {
  return getEnvironmentData(KEY) === true
}

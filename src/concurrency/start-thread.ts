import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * The file that a thread, or a process of its own, runs. Sources run as they are in a clone; in the published package they are JavaScript.
 * @param moduleUrl `import.meta.url` of who asks
 * @param name of the file beside it, without its ending
 */
export function programFile(moduleUrl: string, name: string): URL {
  return new URL(`./${name}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl)
}

/** Flags of the main program are not for its threads: some, like --input-type, would keep them from starting. */
export const THREAD_FLAGS: string[] = []

/** Starts a worker thread; see `programFile`. */
export function startThread(
  moduleUrl: string,
  name: string,
  options: Pick<WorkerOptions, 'workerData' | 'resourceLimits'> = {},
): Worker {
  return new Worker(programFile(moduleUrl, name), { ...options, execArgv: THREAD_FLAGS })
}

import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { AppError } from '../../errors.ts'
import { MAX_PEOPLE_FILE_BYTES, type PeopleFile } from './person-row.ts'
import type { ReadReply, ReadRequest } from './read-people-worker.ts'

/** A file that takes longer is given up, and its thread with it. */
const MAX_READ_MS = 15_000
/** Heap of the thread; a file of the largest size takes a tenth of it. */
const WORKER_HEAP_MB = 512

/**
 * Reads a file of people, CSV or PFIF 1.1 to 1.4, told apart by content, in a thread of its own.
 * @param today YYYY-MM-DD, for records that have expired
 * @throws AppError `bad_input`, `limit_exceeded`; the signal's reason when it fires
 */
export async function readPeopleFile(
  bytes: Uint8Array,
  today: string,
  signal: AbortSignal,
): Promise<PeopleFile> {
  if (bytes.byteLength > MAX_PEOPLE_FILE_BYTES) {
    throw new AppError(
      'limit_exceeded',
      `The file has more than MAX_PEOPLE_FILE_BYTES, ${MAX_PEOPLE_FILE_BYTES / 1024 / 1024} MB: divide it. Nothing was taken.`,
    )
  }
  signal.throwIfAborted()
  const request: ReadRequest = { bytes, today }
  const worker = startThread(import.meta.url, 'read-people-worker', {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  })
  try {
    const reply = await replyOf(worker, signal)
    if (reply.ok) return reply.file
    throw new AppError(reply.code, reply.message)
  } finally {
    await worker.terminate()
  }
}

function replyOf(worker: Worker, signal: AbortSignal): Promise<ReadReply> {
  const limit = AbortSignal.timeout(MAX_READ_MS)
  const ends = AbortSignal.any([signal, limit])
  return new Promise((resolve, reject) => {
    const tooMuch = new AppError(
      'bad_input',
      'Reading this file took too long or too much memory. Nothing was taken.',
    )
    worker.once('message', resolve)
    worker.once('error', () => reject(tooMuch))
    worker.once('exit', () => reject(tooMuch))
    ends.addEventListener('abort', () => reject(limit.aborted ? tooMuch : (signal.reason as Error)), {
      once: true,
    })
  })
}

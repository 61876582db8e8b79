import { AppError } from '../../errors.ts'
import { PART_BYTES } from '../part-bytes.ts'
import type { ApiClient, CallInput } from './api-client.ts'
import { untilAnswered } from './until-answered.ts'

/** A file of any size: a video or a web archive. */
export interface LargeFile {
  name: string
  byteLength: number
  /** What is claimed of it. */
  claims: Omit<CallInput<'beginUpload'>['body'], 'name' | 'byteLength'>
  /** Its bytes from `at` on, `most` at most; none only behind its end. They are not touched until the next reading. */
  read: (at: number, most: number) => Promise<Uint8Array>
}

/**
 * Sends a file part by part, going on where an earlier sending of the same one got to. The service reads it afterwards by
 * itself.
 * @param onSent is told the share that has come, from 0 up to 1
 * @throws ApiProblem what the service refuses; AppError `unreadable_input` when it became shorter; what `read` throws; the
 *   signal's reason
 */
export async function sendInParts(
  client: ApiClient,
  importId: string,
  { name, byteLength, claims, read }: LargeFile,
  onSent: (share: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const ends = signal === undefined ? {} : { signal }
  const body = { name, byteLength, ...claims }
  const begun = await untilAnswered(
    () => client.call('beginUpload', { params: { id: importId }, body, ...ends }),
    signal,
  )
  if (begun.isComplete) return
  const params = { id: begun.id }
  for (let at = begun.received; at < byteLength;) {
    onSent(at / byteLength)
    const part = await read(at, PART_BYTES)
    if (part.byteLength === 0)
      throw new AppError('unreadable_input', 'The file became shorter while it was sent.')
    const query = { at }
    const sent = await untilAnswered(
      () => client.call('sendPart', { params, query, body: part, ...ends }),
      signal,
    )
    at = sent.received
  }
  await untilAnswered(() => client.call('finishUpload', { params, body: {}, ...ends }), signal)
}

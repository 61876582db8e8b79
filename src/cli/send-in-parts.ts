import type { FileHandle } from 'node:fs/promises'
import { PART_BYTES } from '../contract/import-endpoints.ts'
import { AppError } from '../errors.ts'
import type { Claims } from '../sources/claims.ts'
import type { ServerClient } from './server-options.ts'
import { untilAnswered } from './until-answered.ts'

/** A file of any size: a video or a web archive. */
export interface LargeFile {
  name: string
  claims: Claims | undefined
  file: FileHandle
  byteLength: number
}

/**
 * Sends a file part by part, going on where an earlier sending of the same one got to. The service reads it afterwards by
 * itself.
 * @param onSent is told the share that has come, 0 to 1
 * @throws AppError what the service refuses; the signal's reason
 */
export async function sendInParts(
  client: ServerClient,
  importId: string,
  { name, claims, file, byteLength }: LargeFile,
  signal: AbortSignal,
  onSent: (share: number) => void,
): Promise<void> {
  const body = {
    name,
    byteLength,
    ...(claims?.source_url === undefined ? {} : { sourceUrl: claims.source_url }),
    ...(claims?.captured_at === undefined ? {} : { capturedAt: claims.captured_at }),
    ...(claims?.collector === undefined ? {} : { collector: claims.collector }),
    ...(claims?.licence === undefined ? {} : { licence: claims.licence }),
    ...(claims?.note === undefined ? {} : { note: claims.note }),
  }
  const begun = await untilAnswered(
    () => client.call('beginUpload', { params: { id: importId }, body, signal }),
    signal,
  )
  if (begun.isComplete) return
  const params = { id: begun.id }
  const part = Buffer.alloc(PART_BYTES)
  for (let at = begun.received; at < byteLength;) {
    onSent(at / byteLength)
    const { bytesRead } = await file.read(part, 0, part.length, at)
    if (bytesRead === 0) throw new AppError('unreadable_input', 'The file became shorter while it was sent.')
    const query = { at }
    const bytes = part.subarray(0, bytesRead)
    const sent = await untilAnswered(
      () => client.call('sendPart', { params, query, body: bytes, signal }),
      signal,
    )
    at = sent.received
  }
  await untilAnswered(() => client.call('finishUpload', { params, body: {}, signal }), signal)
}

import { PART_BYTES } from '../../../../src/contract/import-endpoints.ts'
import { api } from '../../api.ts'
import { untilAnswered } from './until-answered.ts'

/**
 * Sends a video or a web archive part by part, from where an earlier sending of the same file got to; afterwards the service
 * reads it by itself.
 */
export async function sendInParts(
  importId: string,
  { name, file, facts }: { name: string; file: File; facts: Record<string, string> },
  onSent: (share: number) => void,
): Promise<void> {
  const begun = await untilAnswered(() =>
    api.call('beginUpload', { params: { id: importId }, body: { name, byteLength: file.size, ...facts } }),
  )
  if (begun.isComplete) return
  const params = { id: begun.id }
  for (let at = begun.received; at < file.size;) {
    onSent(at / file.size)
    const body = new Uint8Array(await file.slice(at, at + PART_BYTES).arrayBuffer())
    const from = at
    const { received } = await untilAnswered(() =>
      api.call('sendPart', { params, query: { at: from }, body }),
    )
    at = received
  }
  await untilAnswered(() => api.call('finishUpload', { params, body: {} }))
}

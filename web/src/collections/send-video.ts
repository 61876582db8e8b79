import { VIDEO_PART_BYTES } from '../../../src/contract/video-endpoints.ts'
import { api, type Reply } from '../api.ts'

/** From here on a file is sent in parts whatever it is: the service takes no larger photo. */
const LARGEST_PHOTO_BYTES = 64 * 1024 * 1024

/** Whether a file goes in parts: what is a video is settled by the service, by content. */
export function goesInParts(file: File | undefined): file is File {
  return file !== undefined && (file.type.startsWith('video/') || file.size > LARGEST_PHOTO_BYTES)
}

/**
 * Sends a video part by part, from where an earlier sending of the same file got to; afterwards the service reads it by
 * itself.
 * @param again asks until the service answers
 */
export async function sendVideo(
  importId: string,
  { name, file, facts }: { name: string; file: File; facts: Record<string, string> },
  again: <Answer>(ask: () => Promise<Answer>) => Promise<Answer>,
  onSent: (share: number) => void,
): Promise<Reply<'finishVideo'>> {
  const begun = await again(() =>
    api.call('beginVideo', { params: { id: importId }, body: { name, byteLength: file.size, ...facts } }),
  )
  const params = { id: begun.id }
  for (let at = begun.received; at < file.size;) {
    onSent(at / file.size)
    const part = new Uint8Array(await file.slice(at, at + VIDEO_PART_BYTES).arrayBuffer())
    const from = at
    const { received } = await again(() =>
      api.call('sendVideoPart', { params, query: { at: from }, body: part }),
    )
    at = received
  }
  return again(() => api.call('finishVideo', { params, body: {} }))
}

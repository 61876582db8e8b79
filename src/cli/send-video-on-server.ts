import { setTimeout as delay } from 'node:timers/promises'
import { VIDEO_PART_BYTES } from '../contract/video-endpoints.ts'
import { AppError } from '../errors.ts'
import type { Claims } from '../collections/sources/source-item.ts'
import type { VideoItem } from '../video/video-item.ts'
import type { ServerClient } from './server-options.ts'

const TRIES = 8
const LONGEST_WAIT_MS = 30_000
const PASSING = new Set(['busy', 'too_many_requests', 'unreachable'])

/**
 * Sends a video part by part, going on where an earlier sending got to. The service reads it afterwards by itself: its state
 * is then `waiting`. Closes the video.
 * @throws AppError what the service refuses; the signal's reason
 */
export async function sendVideoOnServer(
  client: ServerClient,
  importId: string,
  { name, claims, video }: { name: string; claims: Claims | undefined; video: VideoItem },
  signal: AbortSignal,
): Promise<{ state: string }> {
  try {
    const body = {
      name,
      byteLength: video.byteLength,
      ...(claims?.source_url === undefined ? {} : { sourceUrl: claims.source_url }),
      ...(claims?.captured_at === undefined ? {} : { capturedAt: claims.captured_at }),
      ...(claims?.collector === undefined ? {} : { collector: claims.collector }),
      ...(claims?.licence === undefined ? {} : { licence: claims.licence }),
      ...(claims?.note === undefined ? {} : { note: claims.note }),
    }
    const begun = await again(
      () => client.call('beginVideo', { params: { id: importId }, body, signal }),
      signal,
    )
    const params = { id: begun.id }
    const part = Buffer.alloc(VIDEO_PART_BYTES)
    for (let at = begun.received; at < video.byteLength;) {
      const { bytesRead } = await video.file.read(part, 0, part.length, at)
      if (bytesRead === 0)
        throw new AppError('unreadable_input', 'The file became shorter while it was sent.')
      const query = { at }
      const bytes = part.subarray(0, bytesRead)
      at = (await again(() => client.call('sendVideoPart', { params, query, body: bytes, signal }), signal))
        .received
    }
    return await again(() => client.call('finishVideo', { params, body: {}, signal }), signal)
  } finally {
    await video.close()
  }
}

/** Tries again while the service is busy or away; what was sent stays sent. */
async function again<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof AppError) || !PASSING.has(error.code) || tries >= TRIES) throw error
      const waitMs = (error.retryAfterSeconds ?? 2 ** (tries - 1)) * 1000
      await delay(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal })
    }
  }
}

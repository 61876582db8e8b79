import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { DerivativeTable } from '../store/tables/media-tables.ts'
import { findDerivative, keepDerivative } from '../video/derivatives.ts'
import { MAX_COPY_BYTES, MAX_COPY_CPU_SECONDS } from '../video/limits.ts'
import type { CopyTask } from '../video/decoder/messages.ts'
import { complaintOf, decoderVersion, startDecoder } from '../video/run-decoder.ts'
import { DEMUXERS, type Container } from '../video/sniff-container.ts'
import { bytesOf } from '../video/video-item.ts'
import { emptyWorkingFile } from '../video/working-file.ts'

/** The copy's long side at most: a compared face is looked at as a still of the original, the copy shows what happens. */
const LONG_SIDE_PX = 1280
/** Type that the copy is sent as: VP8 with Opus in WebM, which every browser plays whatever codecs its maker paid for. */
export const COPY_TYPE = 'video/webm'

/**
 * [Note: playable copy]
 * Browsers play few of the formats that cameras write, so what is played is a copy: WebM, VP8, the frames' own presentation
 * times counted from the beginning, upright, at most `LONG_SIDE_PX` long, with a key frame each second so that a player can
 * start anywhere. `blurred` makes a second copy in which nobody is recognised: what a sensitive collection shows unasked. A
 * copy is made when somebody wants to play it, kept like every derivative (encrypted where originals are), deleted when
 * room is needed and with the original, and made again.
 */
export interface Copy {
  sha256: string
  byteLength: number
}

type CopyContext = Pick<Context, 'store' | 'videos'>

/** A player asks for a film in many pieces; of one account and copy a look is written down once in this time. */
const LOOK_LASTS_MS = 5 * 60 * 1000
/** Looks remembered; past this the oldest are forgotten, and written down again. */
const MAX_LOOKS = 10_000

/** Copies that are being made, so that a second request waits for the first; and who has just been seen looking at which. */
export class CopyMaker {
  readonly #underWay = new Map<string, Promise<Copy>>()
  readonly #looks = new Map<string, number>()

  /** Whether this is a look of its own, and not one more piece of one that is written down. */
  isNewLook(accountId: string, mediaId: string, blurred: boolean): boolean {
    const key = `${accountId} ${mediaId} ${blurred}`
    const now = performance.now()
    const before = this.#looks.get(key)
    if (before !== undefined && now - before < LOOK_LASTS_MS) return false
    this.#looks.delete(key)
    this.#looks.set(key, now)
    if (this.#looks.size > MAX_LOOKS) this.#looks.delete(this.#looks.keys().next().value!)
    return true
  }

  /**
   * The copy of a video, made when it is not there.
   * @throws AppError `not_found` when the media are no video, `unreadable_input`, `storage_full`, `video_decoder_missing`
   */
  async copyOf(ctx: CopyContext, mediaId: string, blurred: boolean): Promise<Copy> {
    const key = `${mediaId} ${blurred}`
    const running = this.#underWay.get(key) ?? this.#make(ctx, mediaId, blurred)
    this.#underWay.set(key, running)
    try {
      return await running
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #make(ctx: CopyContext, mediaId: string, blurred: boolean): Promise<Copy> {
    const { db } = ctx.store
    const row = await db.selectFrom('video').selectAll().where('media_id', '=', mediaId).executeTakeFirst()
    const media = await db.selectFrom('media').selectAll().where('id', '=', mediaId).executeTakeFirst()
    if (row === undefined || media === undefined)
      throw new AppError('not_found', 'This is no video, or it was erased.')
    const video = checkedRow('video', row, mediaId)
    const { sha256, width_px: widthPx, height_px: heightPx } = checkedRow('media', media, mediaId)
    const place = { media_id: mediaId, kind: 'copy' as const, name: blurred ? 'blurred' : 'plain' }
    const kept = await findDerivative(ctx.store, place)
    if (kept !== undefined) return copyOfRow(kept)
    const task: CopyTask = {
      task: 'copy',
      demuxer: DEMUXERS[video.container as Container],
      streamIndex: video.stream_index,
      ...copyPicture(widthPx, heightPx, blurred),
    }
    return ctx.videos.use(sha256, async (inputFd) => {
      const written = await encode(ctx, inputFd, task)
      try {
        const sum = createHash('sha256')
        for await (const piece of bytesOf(written)) sum.update(piece)
        const copy = { sha256: sum.digest('hex'), byteLength: written.byteLength }
        const staged = await ctx.store.derived.stageChunks({ ...copy, chunks: bytesOf(written) })
        const recipe = {
          steps: [{ kind: 'copy', filters: task.filters.join(','), type: COPY_TYPE }],
          decoder: decoderVersion(),
        }
        const isKept = await keepDerivative(ctx.store, place, { staged, byteLength: copy.byteLength, recipe })
        if (!isKept) throw new AppError('not_found', 'The video was erased meanwhile.')
        return copy
      } finally {
        await written.file.close()
      }
    })
  }
}

function copyOfRow({ sha256, byte_length: byteLength }: DerivativeTable): Copy {
  return { sha256, byteLength }
}

/** Share of the copy's long side over which a blurred one is smeared: that it is a face is seen, and not whose. */
const BLUR_SHARE = 0.03

function copyPicture(
  widthPx: number,
  heightPx: number,
  blurred: boolean,
): Pick<CopyTask, 'widthPx' | 'heightPx' | 'filters'> {
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(widthPx, heightPx))
  // VP8 wants even sides.
  const [width, height] = [widthPx, heightPx].map((side) => Math.max(2, Math.round((side * scale) / 2) * 2))
  const sigma = Math.max(4, Math.round(Math.max(width, height) * BLUR_SHARE))
  const blur = blurred ? [`gblur=sigma=${sigma}`] : []
  const filters = [`scale=${width}:${height}`, 'setsar=1', ...blur, 'format=yuv420p']
  return { widthPx: width, heightPx: height, filters }
}

async function encode(
  ctx: CopyContext,
  inputFd: number,
  task: CopyTask,
): Promise<{ file: FileHandle; byteLength: number }> {
  const file = await emptyWorkingFile(ctx.store)
  const output = { fd: file.fd, maxBytes: MAX_COPY_BYTES }
  const run = startDecoder({ task, inputFd, output, cpuSeconds: MAX_COPY_CPU_SECONDS })
  run.stdout.resume()
  const ending = await run.ended
  const { size: byteLength } = await file.stat()
  if (ending.how === 'done' && byteLength > 0) return { file, byteLength }
  await file.close()
  if (ending.how === 'too_large') {
    throw new AppError(
      'limit_exceeded',
      `The copy for the browser would have more than MAX_COPY_BYTES, ${MAX_COPY_BYTES / 1024 ** 3} GB.`,
    )
  }
  throw new AppError(
    'unreadable_input',
    `No copy that a browser plays could be made: ${complaintOf(ending) || ending.how}.`,
  )
}

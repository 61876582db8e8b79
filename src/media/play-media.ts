import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { WorkContext } from './work-context.ts'
import { AppError } from '../errors.ts'
import type { Copy } from './playable-copy.ts'
import { findMedia } from './browse-collection.ts'

/**
 * A copy of a video of an own collection to be played: sensitive ones blurred, unless asked for. The look is written down;
 * the pieces that a player asks for in the next minutes are part of it.
 * @throws AppError `not_allowed`, `not_found` for a photo
 */
export async function playMediaVideo(
  ctx: WorkContext,
  actor: AccountActor,
  input: { collectionId: string; mediaId: string; reveal: boolean },
): Promise<Copy> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const { collection, media } = await findMedia(db, actor, input)
  if (media.video === undefined) throw new AppError('not_found', 'This is a photo, not a video.')
  const blurred = media.sensitive && !input.reveal
  const copy = await ctx.copies.copyOf(ctx, media.mediaId, blurred)
  if (ctx.copies.isNewLook(actor.accountId, media.mediaId, blurred)) {
    await recordEvent(db, actor, {
      action: media.sensitive && input.reveal ? 'video.reveal' : 'video.play',
      agencyId: collection.agency_id,
      subject: `media ${media.mediaId}`,
      details: { collection: collection.id, blurred },
    })
  }
  return copy
}

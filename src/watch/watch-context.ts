import type { Context } from '../context.ts'
import { knownScores, measuredScores } from '../live-index/measured-scores.ts'
import { scoreMeaning, type ScoreMeaning } from '../search/score-meaning.ts'
import { activeTemplates, labelOf } from '../store/active-templates.ts'

/** What a similarity means: measured among the faces held when that was done, else by the model pack. */
export async function scoresOf(ctx: Context): Promise<ScoreMeaning> {
  const kind = await activeTemplates(ctx.store.db)
  const known = kind === undefined ? undefined : await knownScores(ctx.store.db, labelOf(kind))
  if (known !== undefined) return scoreMeaning(known, undefined)
  return scoreMeaning(undefined, (await ctx.engine()).calibration)
}

/** The same for hits: an alert must not wait for a model pack that is not there; what nobody can say is left out. */
export async function scoresForHits(ctx: Context): Promise<ScoreMeaning> {
  return scoresOf(ctx).catch(() => scoreMeaning(undefined, undefined))
}

/** The same, measured anew when the faces held have grown since: for choosing a threshold. */
export async function freshScores(ctx: Context, signal: AbortSignal): Promise<ScoreMeaning> {
  const index = await ctx.index.ready()
  if (index !== undefined) await measuredScores(ctx.store, index, signal)
  return scoresOf(ctx)
}

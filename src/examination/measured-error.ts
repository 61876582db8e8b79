import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/database/db.ts'

/** 97.5 % quantile of the normal distribution: two-sided 95 % intervals. */
const Z_95 = 1.959963984540054

/** A rate with its 95 % interval (Wilson score, 1927). */
export interface MeasuredRate {
  count: number
  of: number
  /** Undefined where nothing was counted. */
  rate: number | undefined
  low: number
  high: number
}

/** What finished line-ups say about how often the method goes wrong. */
export interface MethodErrors {
  lineups: number
  concordant: number
  discordant: number
  /** Line-ups in which somebody was chosen who is known to be another person. */
  fillerChosen: MeasuredRate
  /** Fillers that were chosen, of all fillers shown: how often examiners take one stranger for the probe's person. */
  perFiller: MeasuredRate
}

/**
 * Error rates of blind verification, of one agency or of all: a filler is known to be somebody else, so each one chosen is
 * a false positive that was measured. Who is right about candidates nobody knows; those are counted as they fell.
 */
export async function methodErrors(db: Db, agencyId: string | undefined): Promise<MethodErrors> {
  let query = db
    .selectFrom('verification')
    .select(['outcome', 'fillers_chosen', 'lineup'])
    .where('state', '=', 'finished')
  if (agencyId !== undefined) query = query.where('agency_id', '=', agencyId)
  const rows = await query.execute()
  const count = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length
  const fillers = rows.reduce(
    (sum, { lineup }) => sum + (JSON.parse(lineup!) as { faces: unknown[] }).faces.length - 1,
    0,
  )
  const chosen = rows.reduce((sum, row) => sum + (row.fillers_chosen ?? 0), 0)
  return {
    lineups: rows.length,
    concordant: count('concordant'),
    discordant: count('discordant'),
    fillerChosen: wilson(count('filler_chosen'), rows.length),
    perFiller: wilson(chosen, fillers),
  }
}

/** The same for who may read statistics: of the own agency; for the operator of the machine, of all. */
export async function readMethodErrors(ctx: Pick<Context, 'store'>, actor: Actor): Promise<MethodErrors> {
  authorize(actor, 'statistics.read')
  return methodErrors(ctx.store.db, actor.kind === 'account' ? actor.agencyId : undefined)
}

/** Wilson's score interval of a share. */
export function wilson(count: number, of: number): MeasuredRate {
  if (of === 0) return { count, of, rate: undefined, low: 0, high: 1 }
  const rate = count / of
  const square = Z_95 ** 2
  const centre = rate + square / (2 * of)
  const reach = Z_95 * Math.sqrt((rate * (1 - rate)) / of + square / (4 * of ** 2))
  const scale = 1 + square / of
  return {
    count,
    of,
    rate,
    low: Math.max(0, (centre - reach) / scale),
    high: Math.min(1, (centre + reach) / scale),
  }
}

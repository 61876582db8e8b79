import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import type { Comparison, ThresholdReason } from '../contract/watch-words.ts'
import { findProbe } from '../cases/show-probes.ts'
import { AppError } from '../errors.ts'
import { findStandingPerson } from '../people/person-scope.ts'
import { withinMeasured, type ScoreMeaning } from '../search/score-meaning.ts'
import { activeTemplates, labelOf, type TemplateKind } from '../store/active-templates.ts'
import type { Db } from '../store/database/db.ts'
import { facesAMonth } from './expected-alerts.ts'
import { isChildOn } from './is-child.ts'
import { standingRows, subjectFaces } from './subject-faces.ts'
import { freshScores } from './watch-context.ts'
import { today } from '../contract/dates.ts'

/** Shares of strangers that thresholds are offered for: from what an investigation looks at to one in a million. */
export const OFFERED_RATES = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const
/**
 * A standing search looks at every new face for months, so one stranger in ten thousand rather than the one in a thousand
 * of a single search. On labelled photos no mate was lost by it: docs/accuracy.md.
 */
const DEFAULT_RATE = 1e-4
/** Ten times as many strangers for a child: a child's face of some years ago resembles itself less (docs/watching.md). */
const CHILD_RATE = 1e-3
const DEFAULT_DUE_HOURS = 24
const CHILD_DUE_HOURS = 4

export interface StandingSubject {
  personId: string
  /** Ids or titles; undefined: all that the agency may search, those of the future too. */
  collections: readonly string[] | undefined
  /** Undefined: as is proposed. */
  comparison: Comparison | undefined
  withFaces: boolean
  /** Probe faces that show the person. */
  probeFaces: readonly string[]
}

export interface ThresholdPreview {
  kind: TemplateKind
  scores: ScoreMeaning
  /** Faces of the person that can be compared. */
  faces: number
  /** Templates that are compared: as many as faces, or one when they are fused. */
  templates: number
  comparison: Comparison
  collections: { id: string; title: string }[]
  /** Faces enrolled in these collections in the last 30 days. */
  facesAMonth: number
  /**
   * `falseMatchRate` is what the threshold aims at. Where `extrapolated`, strangers so rare were not measured: fewer than
   * `measuredRate` of them reach it, and fewer than `expectedFalseAlerts` alerts are to be expected.
   */
  levels: {
    falseMatchRate: number
    threshold: number
    measuredRate: number
    expectedFalseAlerts: number
    extrapolated: boolean
  }[]
  /** What is proposed and why; undefined where nobody has measured what scores mean. */
  proposed: { falseMatchRate: number; threshold: number } | undefined
  reason: ThresholdReason
  /** Why, in words. */
  words: string
  dueHours: number
}

const WORDS: Record<ThresholdReason, string> = {
  adult:
    'This threshold is stricter than that of a single search, because a standing search looks at every new face.',
  child:
    'The person is, or was on a photo, under 18. Faces of children change with age, so an older photo resembles the same child less: the threshold is wider (one stranger in a thousand), photos are compared one by one, and alerts are due sooner. Expect more false alerts.',
}

/**
 * Says, before a standing search is set up, how many false alerts a month each threshold would give at the present import
 * rate, which threshold is proposed, and why.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a person without a face to compare
 */
export async function previewThresholds(
  ctx: Context,
  actor: AccountActor,
  input: StandingSubject,
  signal: AbortSignal,
): Promise<ThresholdPreview> {
  authorize(actor, 'watch.change')
  const { db } = ctx.store
  const { person, record } = await findStandingPerson(db, actor, input.personId)
  await requireVisibleProbes(db, actor, input.probeFaces)
  const collections = await searchableCollections(db, agencyOf(actor), input.collections)
  const kind = (await activeTemplates(db)) ?? (await ctx.engine())
  const faces = await subjectFaces(
    db,
    {
      agency_id: agencyOf(actor),
      person_id: person.id,
      with_faces: input.withFaces ? 1 : 0,
      probe_faces: JSON.stringify(input.probeFaces),
    },
    kind,
  )
  if (faces.length === 0) {
    throw new AppError(
      'conflict',
      'There is no face of this person to compare. Add a photo of the person, link faces, or name a probe face.',
    )
  }
  const reason = (await isOrWasChild(db, person.id, record?.birth_date ?? null)) ? 'child' : 'adult'
  const comparison = input.comparison ?? (reason === 'child' ? 'singly' : 'fused')
  const templates = standingRows(faces, comparison).length
  const scores = await freshScores(ctx, signal)
  const month = await facesAMonth(
    db,
    collections.map(({ id }) => id),
    Date.now(),
  )
  const at = (rate: number): { falseMatchRate: number; threshold: number } | undefined => {
    const threshold = scores.similarityAt(rate)
    return threshold === undefined ? undefined : { falseMatchRate: rate, threshold }
  }
  const levels = OFFERED_RATES.flatMap((rate) => {
    const level = at(rate)
    if (level === undefined || scores.pairs === undefined) return []
    const { value: measuredRate, extrapolated } = withinMeasured(rate, scores.pairs)
    return [{ ...level, measuredRate, expectedFalseAlerts: measuredRate * month * templates, extrapolated }]
  })
  const isChild = reason === 'child'
  return {
    kind: { packId: kind.packId, pipelineVersion: kind.pipelineVersion, templateLength: kind.templateLength },
    scores,
    faces: faces.length,
    templates,
    comparison,
    collections: collections.map(({ id, title }) => ({ id, title })),
    facesAMonth: month,
    levels,
    proposed: at(isChild ? CHILD_RATE : DEFAULT_RATE),
    reason,
    words: WORDS[reason],
    dueHours: isChild ? CHILD_DUE_HOURS : DEFAULT_DUE_HOURS,
  }
}

/** The label of templates that a preview was made for. */
export function previewLabel({ kind }: ThresholdPreview): string {
  return labelOf(kind)
}

/** Probe faces must be of cases that the actor works on. @throws AppError `not_found` */
async function requireVisibleProbes(db: Db, actor: AccountActor, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const row = await db.selectFrom('probe_face').select('probe_id').where('id', '=', id).executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', `There is no probe face ${id}.`)
    await findProbe(db, actor, row.probe_id)
  }
}

async function isOrWasChild(db: Db, personId: string, birthDate: string | null): Promise<boolean> {
  if (birthDate === null) return false
  if (isChildOn(birthDate, today())) return true
  const photos = await db
    .selectFrom('person_photo')
    .select('taken_on')
    .where('person_id', '=', personId)
    .where('taken_on', 'is not', null)
    .execute()
  return photos.some(({ taken_on: takenOn }) => takenOn !== null && isChildOn(birthDate, takenOn))
}

import { z } from 'zod'

/** Features of a face that are compared, in the order of the checklist. */
export const FACIAL_FEATURES = [
  'overall_shape',
  'hairline',
  'forehead',
  'brows',
  'eyes',
  'nose',
  'cheeks',
  'mouth',
  'chin_and_jaw',
  'ears',
  'lines',
  'marks_and_scars',
] as const

/** What is found of one feature in two pictures. */
export const FEATURE_FINDINGS = ['similar', 'different', 'cannot_be_judged'] as const

/** What makes a picture of a face hard to judge. */
export const PICTURE_LIMITS = [
  'too_small',
  'blurred',
  'compressed',
  'too_dark',
  'too_bright',
  'turned_away',
  'covered',
  'expression',
  'distorted',
  'cut_off',
  'altered',
  'other',
] as const

/**
 * The scale of conclusions, from strong support for different people to strong support for the same person; the last is
 * for pictures that cannot be compared. It says how much the findings support one proposition against the other, never
 * how probable an identity is (ENFSI, Guideline for Evaluative Reporting in Forensic Science, 2015).
 */
export const CONCLUSIONS = [
  'different_strong',
  'different_moderate',
  'different_limited',
  'no_support',
  'same_limited',
  'same_moderate',
  'same_strong',
  'not_suitable',
] as const
export type Conclusion = (typeof CONCLUSIONS)[number]

/** Which proposition a conclusion supports. */
export type Direction = 'same' | 'different' | 'neither'

export function directionOf(conclusion: Conclusion): Direction {
  if (conclusion.startsWith('same_')) return 'same'
  return conclusion.startsWith('different_') ? 'different' : 'neither'
}

const LONGEST_NOTE = 1000
const LONGEST_EVALUATION = 4000
const share = z.number().min(0).max(1)

/** A rectangle in a picture of an examination, in shares of its side from the top left. */
export const region = z
  .object({ x: share, y: share, width: share, height: share })
  .describe("Shares of the examination picture's side, from the top left")
export type Region = z.infer<typeof region>

export const checklistEntry = z.object({
  feature: z.enum(FACIAL_FEATURES),
  finding: z.enum(FEATURE_FINDINGS),
  note: z.string().trim().max(LONGEST_NOTE).default(''),
  probeRegion: region.nullable().default(null),
  comparedRegion: region.nullable().default(null),
})
export type ChecklistEntry = z.infer<typeof checklistEntry>

export const checklist = z
  .array(checklistEntry)
  .max(FACIAL_FEATURES.length)
  .refine((entries) => new Set(entries.map(({ feature }) => feature)).size === entries.length, {
    message: 'names a feature twice',
  })

/** What is seen of the probe alone, before anything it is compared with. */
export const analysis = z.object({
  isSuitable: z.boolean().describe('Whether the probe can be compared at all'),
  limits: z.array(z.enum(PICTURE_LIMITS)).max(PICTURE_LIMITS.length).default([]),
  note: z
    .string()
    .trim()
    .min(1)
    .max(LONGEST_EVALUATION)
    .describe('What can be seen, and why it suffices or not'),
})
export type Analysis = z.infer<typeof analysis>

/** A draft of one comparison. */
export const comparisonDraft = z.object({
  checklist,
  evaluation: z
    .string()
    .trim()
    .max(LONGEST_EVALUATION)
    .default('')
    .describe('Weighs similarities against differences'),
  conclusion: z.enum(CONCLUSIONS).nullable().default(null),
})
export type ComparisonDraft = z.infer<typeof comparisonDraft>

/** What a comparison lacks before it can be finished. */
export interface ComparisonGap {
  what:
    | 'conclusion'
    | 'must_be_unsuitable'
    | 'evaluation'
    | 'feature'
    | 'regions'
    | 'similar_feature'
    | 'different_feature'
  /** Only for `feature` and `regions`. */
  feature?: ChecklistEntry['feature']
}

/**
 * What is missing. For the same person: every feature judged, with regions on both pictures for each that is similar or
 * different. For different people: at least one feature found different, with its regions. Each with an evaluation in
 * words; an unsuitable probe allows no other conclusion than that.
 * @param isSuitable as the analysis of the probe says
 * @returns in the order in which it is worked on; empty: nothing
 */
export function gapsOf(
  { checklist: entries, evaluation, conclusion }: ComparisonDraft,
  isSuitable: boolean,
): ComparisonGap[] {
  if (!isSuitable && conclusion !== null && conclusion !== 'not_suitable')
    return [{ what: 'must_be_unsuitable' }]
  const gaps: ComparisonGap[] = []
  const judged = entries.filter(({ finding }) => finding !== 'cannot_be_judged')
  const direction = conclusion === null ? 'neither' : directionOf(conclusion)
  if (direction === 'same') {
    for (const feature of FACIAL_FEATURES) {
      if (!entries.some((entry) => entry.feature === feature)) gaps.push({ what: 'feature', feature })
    }
    for (const entry of judged) {
      if (!hasRegions(entry)) gaps.push({ what: 'regions', feature: entry.feature })
    }
    if (!judged.some(({ finding }) => finding === 'similar')) gaps.push({ what: 'similar_feature' })
  }
  const differs = judged.some((entry) => entry.finding === 'different' && hasRegions(entry))
  if (direction === 'different' && !differs) gaps.push({ what: 'different_feature' })
  if (evaluation === '' && isSuitable) gaps.push({ what: 'evaluation' })
  if (conclusion === null) gaps.push({ what: 'conclusion' })
  return gaps
}

function hasRegions({ probeRegion, comparedRegion }: ChecklistEntry): boolean {
  return probeRegion !== null && comparedRegion !== null
}

import {
  FACIAL_FEATURES,
  type ChecklistEntry,
  type ComparisonDraft,
} from '../../../../src/contract/examination-words.ts'
import type { NumberedRegion } from './region-picture.tsx'

export type Feature = ChecklistEntry['feature']

/** What stands of a feature; undefined while nothing does. */
export function entryOf({ checklist }: ComparisonDraft, feature: Feature): ChecklistEntry | undefined {
  return checklist.find((entry) => entry.feature === feature)
}

/** With a change to one feature; a feature of which something is written first counts as not to be judged. */
export function withEntry(
  draft: ComparisonDraft,
  feature: Feature,
  change: Partial<ChecklistEntry>,
): ComparisonDraft {
  const before = entryOf(draft, feature) ?? {
    feature,
    finding: 'cannot_be_judged' as const,
    note: '',
    probeRegion: null,
    comparedRegion: null,
  }
  const entry = { ...before, ...change }
  const checklist = FACIAL_FEATURES.flatMap((one) =>
    one === feature ? [entry] : draft.checklist.filter((other) => other.feature === one),
  )
  return { ...draft, checklist }
}

/** The regions on one of the pictures, numbered as the checklist is. */
export function regionsOn(
  which: 'probeRegion' | 'comparedRegion',
  { checklist }: Pick<ComparisonDraft, 'checklist'>,
): NumberedRegion[] {
  return checklist.flatMap(({ feature, [which]: region }) =>
    region === null ? [] : [{ number: FACIAL_FEATURES.indexOf(feature) + 1, feature, region }],
  )
}

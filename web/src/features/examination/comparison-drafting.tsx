import { Alert, Group, Stack } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { gapsOf, type ComparisonDraft } from '../../../../src/contract/examination-words.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ComparisonForm } from './comparison-form.tsx'
import { GapList } from './gap-list.tsx'
import { KeptState } from './kept-state.tsx'
import { useDraft } from './use-draft.ts'

/** A comparison while it is written: kept a moment after each change, with what is still missing. */
export function ComparisonDrafting({
  draftKey,
  probe,
  compared,
  comparedName,
  comparison,
  isSuitable,
  onKeep,
  onFlush,
}: {
  /** Names the comparison among all. */
  draftKey: string
  probe: string
  compared: string
  comparedName: string
  comparison: ComparisonDraft
  isSuitable: boolean
  onKeep: (comparison: ComparisonDraft) => Promise<unknown>
  /** Is given what keeps the last change at once, for whoever finishes. */
  onFlush: (flush: () => Promise<void>) => void
}) {
  const { t } = useTranslation()
  const { checklist, evaluation, conclusion } = comparison
  const draft = useDraft<ComparisonDraft>(draftKey, { checklist, evaluation, conclusion }, onKeep)
  const { flush } = draft
  useEffect(() => onFlush(flush), [flush, onFlush])
  const gaps = gapsOf({ ...draft.value, evaluation: draft.value.evaluation.trim() }, isSuitable)
  return (
    <Stack>
      <ComparisonForm
        probe={probe}
        compared={compared}
        comparedName={comparedName}
        draft={draft.value}
        isSuitable={isSuitable}
        onChange={draft.change}
      />
      <ProblemAlert error={draft.error} />
      {gaps.length > 0 && (
        <Alert color="gray" title={t('exam.missing')}>
          <GapList gaps={gaps} />
        </Alert>
      )}
      <Group justify="flex-end">
        <KeptState draft={draft} />
      </Group>
    </Stack>
  )
}

import { Button, Checkbox, Grid, Group, Radio, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useTranslation } from 'react-i18next'
import { PICTURE_LIMITS, type Analysis } from '../../../../src/contract/examination-words.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { KeptState } from './kept-state.tsx'
import { RegionPicture } from './region-picture.tsx'
import { useDraft } from './use-draft.ts'

const LONGEST_NOTE = 4000

/** What is being written; `isSuitable` is open until somebody says so. */
interface AnalysisDraft {
  isSuitable: boolean | null
  limits: Analysis['limits']
  note: string
}

/** Analysis: the probe alone, before anything that it is compared with is shown. */
export function AnalysisForm({
  draftKey,
  probe,
  analysis,
  onKeep,
  onFinish,
}: {
  /** Names the analysis among all. */
  draftKey: string
  /** Address of the probe's picture. */
  probe: string
  analysis: Analysis | null
  onKeep: (analysis: Analysis) => Promise<unknown>
  onFinish: (analysis: Analysis) => Promise<unknown>
}) {
  const { t } = useTranslation()
  const initial: AnalysisDraft = analysis ?? { isSuitable: null, limits: [], note: '' }
  const draft = useDraft(draftKey, initial, (value) => {
    const whole = wholeOf(value)
    return whole === undefined ? undefined : onKeep(whole)
  })
  const { value, change } = draft
  const whole = wholeOf(value)
  const askToFinish = (finished: Analysis): void =>
    void modals.openConfirmModal({
      title: t('exam.finishAnalysis'),
      children: <Text size="sm">{t('exam.finishAnalysisHelp')}</Text>,
      labels: { confirm: t('exam.finishAnalysis'), cancel: t('common.cancel') },
      closeButtonProps: { 'aria-label': t('common.close') },
      // What goes wrong is shown by whoever finishes.
      onConfirm: () =>
        void draft
          .flush()
          .then(() => onFinish(finished))
          .catch(() => undefined),
    })
  return (
    <section aria-label={t('exam.analysis')}>
      <Title order={2} mb={4}>
        {t('exam.analysis')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('exam.analysisHelp')}
      </Text>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <RegionPicture address={probe} alt={t('exam.probe')} regions={[]} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <Stack>
            <Radio.Group
              label={t('exam.isSuitable')}
              required
              value={value.isSuitable === null ? '' : String(value.isSuitable)}
              onChange={(chosen) => change({ ...value, isSuitable: chosen === 'true' })}
            >
              <Stack gap={6} mt={6}>
                <Radio value="true" label={t('exam.suitable')} />
                <Radio value="false" label={t('exam.unsuitable')} />
              </Stack>
            </Radio.Group>
            <Checkbox.Group
              label={t('exam.limits')}
              value={value.limits}
              onChange={(limits) => change({ ...value, limits })}
            >
              <SimpleGrid cols={{ base: 2, lg: 3 }} spacing={6} mt={6}>
                {PICTURE_LIMITS.map((limit) => (
                  <Checkbox key={limit} value={limit} label={t(`term.limits.${limit}`)} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
            <Textarea
              label={t('exam.why')}
              description={t('exam.whyHelp')}
              required
              autosize
              minRows={3}
              maxLength={LONGEST_NOTE}
              value={value.note}
              onChange={(event) => change({ ...value, note: event.currentTarget.value })}
            />
            <ProblemAlert error={draft.error} />
            <Group justify="space-between">
              <KeptState draft={draft} />
              <Button disabled={whole === undefined} onClick={() => askToFinish(whole!)}>
                {t('exam.finishAnalysis')}
              </Button>
            </Group>
          </Stack>
        </Grid.Col>
      </Grid>
    </section>
  )
}

function wholeOf({ isSuitable, limits, note }: AnalysisDraft): Analysis | undefined {
  return isSuitable === null || note.trim() === '' ? undefined : { isSuitable, limits, note }
}

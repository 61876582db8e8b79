import {
  ActionIcon,
  Button,
  Grid,
  Group,
  Radio,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  Title,
  UnstyledButton,
} from '@mantine/core'
import { IconCheck, IconSquareDashed } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  CONCLUSIONS,
  FACIAL_FEATURES,
  FEATURE_FINDINGS,
  type ComparisonDraft,
} from '../../../../src/contract/examination-words.ts'
import { entryOf, regionsOn, withEntry, type Feature } from './checklist.ts'
import styles from './examination.module.css'
import { RegionPicture } from './region-picture.tsx'

const LONGEST_NOTE = 1000
const LONGEST_EVALUATION = 4000

/** Comparison, evaluation and conclusion on one face: features one by one, each with where it is on both pictures. */
export function ComparisonForm({
  probe,
  compared,
  comparedName,
  draft,
  isSuitable,
  onChange,
}: {
  /** Addresses of the pictures. */
  probe: string
  compared: string
  comparedName: string
  draft: ComparisonDraft
  isSuitable: boolean
  onChange: (draft: ComparisonDraft) => void
}) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<Feature>(FACIAL_FEATURES[0])
  const entry = entryOf(draft, chosen)
  const conclusions = isSuitable ? CONCLUSIONS : (['not_suitable'] as const)
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="xs" className={styles.sticky}>
          <SimpleGrid cols={2} spacing="xs">
            <RegionPicture
              address={probe}
              alt={t('exam.probe')}
              regions={regionsOn('probeRegion', draft)}
              chosen={chosen}
              onDraw={(probeRegion) => onChange(withEntry(draft, chosen, { probeRegion }))}
            />
            <RegionPicture
              address={compared}
              alt={comparedName}
              regions={regionsOn('comparedRegion', draft)}
              chosen={chosen}
              onDraw={(comparedRegion) => onChange(withEntry(draft, chosen, { comparedRegion }))}
            />
          </SimpleGrid>
          <Text size="sm" c="dimmed">
            {t('exam.drawHelp', { feature: t(`term.features.${chosen}`) })}
          </Text>
          <Group align="flex-end">
            <Textarea
              style={{ flex: '1 1 200px' }}
              label={t('exam.noteOn', { feature: t(`term.features.${chosen}`) })}
              autosize
              minRows={1}
              maxRows={4}
              maxLength={LONGEST_NOTE}
              value={entry?.note ?? ''}
              onChange={(event) => onChange(withEntry(draft, chosen, { note: event.currentTarget.value }))}
            />
            <Button
              variant="default"
              disabled={(entry?.probeRegion ?? null) === null && (entry?.comparedRegion ?? null) === null}
              onClick={() => onChange(withEntry(draft, chosen, { probeRegion: null, comparedRegion: null }))}
            >
              {t('exam.clearRegions')}
            </Button>
          </Group>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack>
          <section aria-label={t('exam.features')}>
            <Title order={2} mb={4}>
              {t('exam.features')}
            </Title>
            {FACIAL_FEATURES.map((feature, at) => (
              <FeatureRow
                key={feature}
                number={at + 1}
                feature={feature}
                draft={draft}
                isChosen={feature === chosen}
                onChoose={() => setChosen(feature)}
                onChange={onChange}
              />
            ))}
          </section>
          <Textarea
            label={t('exam.evaluation')}
            description={t('exam.evaluationHelp')}
            autosize
            minRows={3}
            maxLength={LONGEST_EVALUATION}
            value={draft.evaluation}
            onChange={(event) => onChange({ ...draft, evaluation: event.currentTarget.value })}
          />
          <Radio.Group
            label={t('exam.conclusion')}
            description={t('exam.conclusionHelp')}
            value={draft.conclusion ?? ''}
            onChange={(value) => onChange({ ...draft, conclusion: value as ComparisonDraft['conclusion'] })}
          >
            <Stack gap={6} mt={6}>
              {conclusions.map((one) => (
                <Radio key={one} value={one} label={t(`term.conclusions.${one}`)} />
              ))}
            </Stack>
          </Radio.Group>
        </Stack>
      </Grid.Col>
    </Grid>
  )
}

function FeatureRow({
  number,
  feature,
  draft,
  isChosen,
  onChoose,
  onChange,
}: {
  number: number
  feature: Feature
  draft: ComparisonDraft
  isChosen: boolean
  onChoose: () => void
  onChange: (draft: ComparisonDraft) => void
}) {
  const { t } = useTranslation()
  const entry = entryOf(draft, feature)
  const name = t(`term.features.${feature}`)
  const isMarked = entry !== undefined && entry.probeRegion !== null && entry.comparedRegion !== null
  const needsMark = entry !== undefined && entry.finding !== 'cannot_be_judged' && !isMarked
  return (
    // Whatever of the row is clicked or tabbed to: its feature is the one that is drawn.
    <div className={styles.feature} data-chosen={isChosen} onFocus={onChoose}>
      <UnstyledButton fz="sm" aria-pressed={isChosen} onClick={onChoose}>
        {number}. {name}
      </UnstyledButton>
      <SegmentedControl
        size="xs"
        aria-label={name}
        value={entry?.finding ?? ''}
        onChange={(finding) =>
          onChange(withEntry(draft, feature, { finding: finding as (typeof FEATURE_FINDINGS)[number] }))
        }
        data={FEATURE_FINDINGS.map((value) => ({ value, label: t(`exam.finding.${value}`) }))}
      />
      {isMarked ? (
        <IconCheck size={18} aria-label={t('exam.marked')} role="img" />
      ) : (
        needsMark && (
          <ActionIcon
            size="sm"
            variant="subtle"
            aria-label={t('exam.markNow', { feature: name })}
            onClick={onChoose}
          >
            <IconSquareDashed size={18} aria-hidden />
          </ActionIcon>
        )
      )}
    </div>
  )
}

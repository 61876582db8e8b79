import { Alert, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { probePicture } from '../../../../src/contract/client/picture-addresses.ts'
import { useApi, type Reply } from '../../api.ts'
import { AdjustPanel, NO_ADJUSTMENT, stepsOf, type Adjustment } from '../../ui/adjust-panel.tsx'
import { PointMarker } from '../../ui/point-marker.tsx'
import { FileRemarks } from '../../ui/file-remarks.tsx'
import { ProbePicture } from '../../ui/probe-picture.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { QualityPanel } from './quality-panel.tsx'
import { StepList } from './step-list.tsx'

type Probe = Reply<'showProbe'>
type Mode = 'pick' | 'adjust' | 'mark'

const PICTURE_PX = 1600

/** One probe to work on: pick a face, make the picture clearer by recorded steps, or mark a face by hand. */
export function ProbeBench({
  probe,
  chosen,
  onToggle,
  onShow,
}: {
  probe: Probe
  chosen: readonly string[]
  onToggle: (faceId: string) => void
  onShow: (probeId: string, faceId?: string) => void
}) {
  const { t } = useTranslation()
  const [mode, setMode] = useState<Mode>('pick')
  const [adjustment, setAdjustment] = useState<Adjustment>(NO_ADJUSTMENT)
  const derive = useApi('deriveProbe', ['listProbes'])
  const { parentId } = probe
  const quality = probe.faces.find(({ id }) => chosen.includes(id))

  const apply = (): void =>
    derive.mutate(
      { params: { id: probe.id }, body: { steps: stepsOf(adjustment) } },
      { onSuccess: (made) => onShow(made.id, made.faces.length === 1 ? made.faces[0].id : undefined) },
    )
  const mark = (points: { x: number; y: number }[]): void =>
    derive.mutate(
      { params: { id: probe.id }, body: { points: points as never } },
      { onSuccess: (made) => onShow(made.id, made.faces.find(({ origin }) => origin === 'examiner')?.id) },
    )

  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t('search.mode')}
          value={mode}
          onChange={(value) => {
            setAdjustment(NO_ADJUSTMENT)
            setMode(value)
          }}
          data={[
            { value: 'pick', label: t('search.modePick') },
            { value: 'adjust', label: t('search.modeAdjust') },
            { value: 'mark', label: t('search.modeMark') },
          ]}
        />
        {parentId !== null && (
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            onClick={() => onShow(parentId)}
          >
            {t('search.undo')}
          </Button>
        )}
      </Group>
      <ProblemAlert error={derive.error} />
      <FileRemarks remarks={probe.remarks} />
      {probe.faces.length === 0 && mode === 'pick' && (
        <Alert color="yellow" title={t('search.noFace')}>
          {t('search.noFaceHelp')}
        </Alert>
      )}
      {mode === 'mark' ? (
        <PointMarker
          picture={probePicture(probe.id, PICTURE_PX)}
          widthPx={probe.widthPx}
          heightPx={probe.heightPx}
          busy={derive.isPending}
          onMarked={mark}
        />
      ) : (
        <ProbePicture
          probe={probe}
          chosen={chosen}
          onToggle={mode === 'pick' ? onToggle : undefined}
          adjustment={adjustment}
          onCrop={mode === 'adjust' ? (crop) => setAdjustment({ ...adjustment, crop }) : undefined}
        />
      )}
      {mode === 'pick' && probe.faces.length > 1 && (
        <Text size="sm" c="dimmed">
          {t('search.pickHelp')}
        </Text>
      )}
      {mode === 'adjust' && (
        <AdjustPanel
          probe={probe}
          adjustment={adjustment}
          onChange={setAdjustment}
          busy={derive.isPending}
          onApply={apply}
        />
      )}
      <StepList steps={probe.steps} />
      {mode === 'pick' && quality !== undefined && <QualityPanel face={quality} />}
    </Stack>
  )
}

import { Alert, Group, List, Paper, SimpleGrid, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import type { en } from '../../texts/en.ts'
import { useFormats } from '../../ui/use-formats.ts'

const MEASURES = [
  'sharpnessScore',
  'underExposureScore',
  'overExposureScore',
  'headPoseScore',
  'eyesOpenScore',
  'occlusionScore',
  'faceInsidePictureScore',
] as const

/** How good a face is for searching, and what to do about it. */
export function QualityPanel({ face }: { face: Reply<'showProbe'>['faces'][number] }) {
  const { t } = useTranslation()
  const { rough } = useFormats()
  const { quality } = face
  const advice = (quality.advice ?? []) as (keyof (typeof en)['advice'])[]
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('quality.title')}>
      <Group justify="space-between">
        <Title order={2}>{t('quality.ofFace', { number: face.number })}</Title>
        <Text size="sm" className="numbers">
          {t('quality.eyes', { px: Math.round(Number(quality.interEyeDistancePx)) })}
        </Text>
      </Group>
      {advice.length === 0 ? (
        <Text size="sm" mt={4}>
          {t('quality.good')}
        </Text>
      ) : (
        <Alert color="yellow" mt="xs" title={t('quality.careful')}>
          <List size="sm">
            {advice.map((code) => (
              <List.Item key={code}>{t(`advice.${code}`)}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" mt="xs">
        {MEASURES.map((name) => {
          const value = Number(quality[name])
          return (
            <div key={name}>
              <Text size="xs" c="dimmed">
                {t(`quality.${name}`)}
              </Text>
              <meter
                min={0}
                max={1}
                low={0.4}
                high={0.7}
                optimum={1}
                value={value}
                aria-label={t(`quality.${name}`)}
                style={{ width: '100%' }}
              />
              <Text size="xs" className="numbers">
                {rough(value)}
              </Text>
            </div>
          )
        })}
      </SimpleGrid>
    </Paper>
  )
}

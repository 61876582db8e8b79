import { Alert, List, Text } from '@mantine/core'
import { IconHelpCircle, IconUserQuestion } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import type { useFormats } from './use-formats.ts'

/** The result of a 1:1 verification in words: what it means, how often strangers pass, and what to do next. */
export function VerificationResult({
  result,
  format,
}: {
  result: Reply<'compareFaces'>
  format: ReturnType<typeof useFormats>
}) {
  const { t } = useTranslation()
  const { isAlike, similarity, threshold, falseMatchRate } = result
  const steps = isAlike ? (['documents', 'ask', 'record'] as const) : (['retake', 'other', 'decide'] as const)
  return (
    <Alert
      role="status"
      color={isAlike ? 'petrol' : 'yellow'}
      icon={isAlike ? <IconUserQuestion aria-hidden /> : <IconHelpCircle aria-hidden />}
      title={isAlike ? t('verify.alike') : t('verify.notAlike')}
    >
      <Text size="sm">
        {falseMatchRate === null
          ? t('verify.rateUnknown')
          : t('verify.rate', {
              count: oneIn(falseMatchRate),
              shown: format.count(oneIn(falseMatchRate)),
            })}{' '}
        {t('verify.similarity', {
          similarity: format.similarity(similarity),
          threshold: format.similarity(threshold),
        })}
      </Text>
      <Text size="sm" fw={500} mt="xs">
        {t('verify.next')}
      </Text>
      <List size="sm">
        {steps.map((step) => (
          <List.Item key={step}>{t(`verify.step.${step}`)}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

/** A rate as one in so many, in round numbers; rates that were never measured that finely are not made finer. */
function oneIn(rate: number): number {
  const most = 1_000_000
  return Math.min(most, Number((1 / Math.max(rate, 1 / most)).toPrecision(2)))
}

import { Alert, List, Text } from '@mantine/core'
import { IconHelpCircle, IconUserQuestion } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import type { useFormats } from '../../ui/use-formats.ts'

/** From this share on, pairs are counted in a hundred. */
const COMMON = 0.05

/** The result of a 1:1 verification in words: what it means, how often strangers pass, and what to do next. */
export function VerificationResult({
  result,
  format,
}: {
  result: Reply<'compareFaces'>
  format: ReturnType<typeof useFormats>
}) {
  const { t } = useTranslation()
  const { isAlike, similarity, threshold, falseMatchRate, extrapolated } = result
  // Common ones are said in a hundred: 'one in 2.7' is no way to count people.
  const rateInWords = (rate: number): string =>
    rate >= COMMON
      ? t('verify.rateCommon', { shown: format.count(Math.round(rate * 100)) })
      : t(extrapolated ? 'verify.rateFew' : 'verify.rate', { shown: format.count(oneIn(rate)) })
  const steps = isAlike ? (['documents', 'ask', 'record'] as const) : (['retake', 'other', 'decide'] as const)
  return (
    <Alert
      ref={(element) => element?.scrollIntoView({ block: 'nearest' })}
      role="status"
      color={isAlike ? 'petrol' : 'yellow'}
      icon={isAlike ? <IconUserQuestion aria-hidden /> : <IconHelpCircle aria-hidden />}
      title={isAlike ? t('verify.alike') : t('verify.notAlike')}
    >
      <Text size="sm">
        {falseMatchRate === null ? t('verify.rateUnknown') : rateInWords(falseMatchRate)}{' '}
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

/** A rate as one in so many, in round numbers. */
function oneIn(rate: number): number {
  return Number((1 / rate).toPrecision(2))
}

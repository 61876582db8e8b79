import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Analysis } from '../../../../src/contract/examination-words.ts'

/** A finished analysis, in words. */
export function AnalysisFacts({ analysis }: { analysis: Analysis }) {
  const { t } = useTranslation()
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      <Text span inherit fw={500}>
        {analysis.isSuitable ? t('exam.suitable') : t('exam.unsuitable')}.
      </Text>{' '}
      {analysis.limits.length > 0 &&
        `${t('exam.limits')}: ${analysis.limits.map((one) => t(`term.limits.${one}`)).join(', ')}. `}
      {analysis.note}
    </Text>
  )
}

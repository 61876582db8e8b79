import { List } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ComparisonGap } from '../../../../src/contract/examination-words.ts'

/** What is still missing before a comparison can be finished. */
export function GapList({ gaps }: { gaps: readonly ComparisonGap[] }) {
  const { t } = useTranslation()
  return (
    <List size="sm" spacing={2}>
      {gaps.map(({ what, feature }) => (
        <List.Item key={`${what} ${feature}`}>
          {feature === undefined
            ? t(`exam.gap.${what as Exclude<typeof what, 'feature' | 'regions'>}`)
            : t(`exam.gapOf.${what as 'feature' | 'regions'}`, { feature: t(`term.features.${feature}`) })}
        </List.Item>
      ))}
    </List>
  )
}

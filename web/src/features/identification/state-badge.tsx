import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { IdentificationState } from '../../../../src/contract/identification-words.ts'

/** Where a candidate stands on its way. */
export function StateBadge({ state }: { state: IdentificationState }) {
  const { t } = useTranslation()
  return (
    <Badge
      variant={state === 'identified' ? 'filled' : 'default'}
      color={state === 'withdrawn' ? 'red' : 'petrol'}
    >
      {t(`term.states.${state}`)}
    </Badge>
  )
}

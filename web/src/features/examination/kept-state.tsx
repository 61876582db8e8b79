import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Draft } from './use-draft.ts'

/** Whether the service has what was written. */
export function KeptState({ draft }: { draft: Pick<Draft<unknown>, 'state'> }) {
  const { t } = useTranslation()
  return (
    <Text size="sm" c="dimmed" role="status">
      {t(`exam.draft.${draft.state}`)}
    </Text>
  )
}

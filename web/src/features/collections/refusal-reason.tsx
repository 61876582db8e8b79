import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { en } from '../../texts/en.ts'

/** Why a file was not taken, in the reader's language, and below it what the service says of this very file. */
export function RefusalReason({ reason, detail }: { reason: string | null; detail: string | null }) {
  const { t, i18n } = useTranslation()
  if (reason === null || !i18n.exists(`refused.${reason}`)) return <>{detail}</>
  return (
    <>
      {t(`refused.${reason as keyof typeof en.refused}`)}
      <Text size="xs" c="dimmed">
        {detail}
      </Text>
    </>
  )
}

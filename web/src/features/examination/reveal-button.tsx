import { Button } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** Shows blurred pictures; the service writes down who did. */
export function RevealButton({ onReveal }: { onReveal: () => void }) {
  const { t } = useTranslation()
  return (
    <Button color="dark" variant="filled" leftSection={<IconEye size={16} aria-hidden />} onClick={onReveal}>
      {t('cand.reveal')}
    </Button>
  )
}

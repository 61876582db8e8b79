import { Button } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import styles from './reveal-button.module.css'

/** Shows a sensitive picture clearly; stands on the blurred one, which may itself be a link. */
export function RevealButton({ onReveal }: { onReveal: () => void }) {
  const { t } = useTranslation()
  return (
    <Button
      className={styles.reveal}
      size="compact-xs"
      color="dark"
      variant="filled"
      leftSection={<IconEye size={14} aria-hidden />}
      onClick={(event) => {
        event.preventDefault()
        event.stopPropagation()
        onReveal()
      }}
    >
      {t('cand.reveal')}
    </Button>
  )
}

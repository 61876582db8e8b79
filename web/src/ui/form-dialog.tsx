import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemAlert } from './problem-alert.tsx'

/** A few fields in a window, sent together. Mounted anew each time it opens, so that it begins empty. */
export function FormDialog({
  title,
  act,
  opened,
  busy,
  error,
  disabled = false,
  size = 'md',
  onClose,
  onSubmit,
  children,
}: {
  title: string
  act: string
  opened: boolean
  busy: boolean
  error: unknown
  disabled?: boolean
  size?: 'md' | 'lg' | 'xl'
  onClose: () => void
  onSubmit: () => void
  children: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        <Stack>
          {children}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={disabled}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

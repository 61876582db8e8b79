import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemAlert } from './problem-alert.tsx'
import { ReasonField } from './reason-field.tsx'

/** Asks for a reason before something that others feel; the reason goes into the audit log. */
export function ReasonDialog({
  title,
  warning,
  act,
  opened,
  busy,
  error,
  onClose,
  onReason,
}: {
  title: string
  warning: ReactNode
  act: string
  opened: boolean
  busy: boolean
  error: unknown
  onClose: () => void
  onReason: (reason: string) => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onReason(reason)
        }}
      >
        <Stack>
          <Alert color="yellow">{warning}</Alert>
          <ReasonField reason={reason} onReason={setReason} first />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" color="red" loading={busy} disabled={reason.trim() === ''}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

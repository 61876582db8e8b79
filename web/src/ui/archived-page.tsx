import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from './use-formats.ts'

/**
 * An archived page in a frame that may do nothing: no scripts, no network, an origin that is nobody's. The service says so
 * with the page, and the frame says it again. Of a sensitive source it comes without pictures until somebody asks.
 */
export function ArchivedPage({
  url,
  capturedAt,
  isSensitive,
  address,
  onClose,
}: {
  url: string
  capturedAt: string | null
  isSensitive: boolean
  address: (reveal: boolean) => string
  onClose: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const [revealed, setRevealed] = useState(false)
  const hidesPictures = isSensitive && !revealed
  return (
    <Modal
      opened
      onClose={onClose}
      size="90rem"
      title={t('arch.pageTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="start">
          <div>
            <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
              {url}
            </Text>
            <Text size="xs" c="dimmed">
              {capturedAt !== null && `${t('arch.fetched')}: ${format.time(capturedAt)}. `}
              {t('arch.pageNote')}
            </Text>
          </div>
          {hidesPictures && (
            <Button
              size="compact-sm"
              color="dark"
              style={{ flexShrink: 0 }}
              leftSection={<IconEye size={14} aria-hidden />}
              onClick={() => setRevealed(true)}
            >
              {t('arch.reveal')}
            </Button>
          )}
        </Group>
        {hidesPictures && (
          <Alert color="yellow" p="xs">
            {t('arch.revealNote')}
          </Alert>
        )}
        <iframe
          key={String(revealed)}
          title={t('arch.pageFrame')}
          sandbox=""
          referrerPolicy="no-referrer"
          src={address(!isSensitive || revealed)}
          style={{
            width: '100%',
            height: '70vh',
            border: '1px solid var(--mantine-color-default-border)',
            background: 'white',
          }}
        />
      </Stack>
    </Modal>
  )
}

import { Alert, Button, Code, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'

/** Recovery codes, shown this once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation()
  const clipboard = useClipboard()
  return (
    <Stack gap="xs">
      <Alert color="yellow" title={t('auth.recoveryTitle')}>
        {t('auth.recoveryKeep')}
      </Alert>
      <SimpleGrid cols={2} spacing="xs">
        {codes.map((code) => (
          <Code key={code} fz="sm">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group>
        <Button variant="default" onClick={() => clipboard.copy(codes.join('\n'))}>
          {clipboard.copied ? t('common.copied') : t('auth.copyCodes')}
        </Button>
        <Text size="sm" c="dimmed">
          {t('auth.recoveryOnce')}
        </Text>
      </Group>
    </Stack>
  )
}

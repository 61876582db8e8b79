import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LanguageSwitch, ThemeSwitch } from '../../ui/preferences.tsx'
import { usePageTitle } from '../../ui/use-page-title.ts'

/** The frame of pages before sign-in. */
export function EntryFrame({
  title,
  children,
  wide = false,
}: {
  title: string
  children: ReactNode
  wide?: boolean
}) {
  const { t } = useTranslation()
  usePageTitle(title)
  return (
    <Center mih="100dvh" p="md">
      <Stack w="100%" maw={wide ? 560 : 400} gap="md">
        <Group justify="space-between" component="header">
          <Group gap="xs">
            <img src="/icon.svg" alt="" width={28} height={28} />
            <Text fw={600}>Likeness</Text>
          </Group>
          <Group gap={4}>
            <LanguageSwitch />
            <ThemeSwitch />
          </Group>
        </Group>
        <Paper withBorder p="lg" component="main">
          <Title order={1} mb="md">
            {title}
          </Title>
          {children}
        </Paper>
        <Text size="sm" c="dimmed" component="footer">
          {t('common.motto')}
        </Text>
      </Stack>
    </Center>
  )
}

import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Nothing is here yet: what that means and what to do next. */
export function EmptyState({ title, help, children }: { title: string; help: string; children?: ReactNode }) {
  return (
    <Paper withBorder p="lg">
      <Stack gap="xs" align="flex-start">
        <Title order={2}>{title}</Title>
        <Text c="dimmed" maw={640}>
          {help}
        </Text>
        {children}
      </Stack>
    </Paper>
  )
}

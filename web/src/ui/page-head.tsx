import { Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { usePageTitle } from './use-page-title.ts'
import { TextLink } from './text-link.tsx'

/** One step up from a page. */
export type Crumb = { label: string } & (
  | { to: '/cases' | '/collections' | '/identifications' | '/lineups' | '/people' | '/enquiries' | '/alerts' }
  | { to: '/cases/$caseId'; params: { caseId: string } }
  | { to: '/identifications/$identificationId'; params: { identificationId: string } }
  | { to: '/searches/$searchId'; params: { searchId: string } }
  | { to: '/collections/$collectionId'; params: { collectionId: string } }
)

const NO_CRUMBS: readonly Crumb[] = []

/** A page's title, the way up, and what can be done here. */
export function PageHead({
  title,
  crumbs = NO_CRUMBS,
  note,
  children,
}: {
  title: string
  crumbs?: readonly Crumb[]
  note?: ReactNode
  children?: ReactNode
}) {
  usePageTitle(title)
  return (
    <Stack gap={4} mb="md">
      {crumbs.length > 0 && (
        <Breadcrumbs fz="sm" separatorMargin={6} component="nav">
          {crumbs.map(({ label, ...target }) => (
            <TextLink key={label} {...target} fz="sm">
              {label}
            </TextLink>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: '1 1 240px' }}>
          <Title order={1}>{title}</Title>
          {note !== undefined && (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          )}
        </div>
        <Group gap="xs">{children}</Group>
      </Group>
    </Stack>
  )
}

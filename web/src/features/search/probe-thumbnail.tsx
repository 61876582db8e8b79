import { Paper, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { probePicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../../api.ts'
import { useFormats } from '../../ui/use-formats.ts'

type Probe = Reply<'showProbe'>

const THUMBNAIL_PX = 320

/** A probe, small, with its label; leads to searching with it. */
export function ProbeThumbnail({ probe, linked }: { probe: Probe; linked: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  const label = probe.label ?? t('search.unnamed')
  const content = (
    <>
      <img
        src={probePicture(probe.id, THUMBNAIL_PX)}
        alt={t('search.photoAlt', { label })}
        loading="lazy"
        style={{ width: '100%', aspectRatio: '4 / 3', objectFit: 'contain', display: 'block' }}
      />
      <Text size="sm" fw={500} truncate mt={4}>
        {label}
      </Text>
      <Text size="xs" c="dimmed">
        {t('search.faces', { count: probe.faces.length })}
        {probe.steps.length > 0 && ` · ${t('search.steps', { count: probe.steps.length })}`}
      </Text>
      <Text size="xs" c="dimmed">
        {format.time(probe.addedAt)}
      </Text>
    </>
  )
  if (!linked)
    return (
      <Paper withBorder p="xs">
        {content}
      </Paper>
    )
  return (
    <Paper
      withBorder
      p="xs"
      td="none"
      c="inherit"
      renderRoot={(props: object) => (
        <Link
          to="/cases/$caseId/search"
          params={{ caseId: probe.caseId }}
          search={{ probe: probe.id }}
          {...props}
        />
      )}
    >
      {content}
    </Paper>
  )
}

import { Anchor, Code, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Candidate } from './candidate-facts.ts'
import { useFormats } from './use-formats.ts'

/** Where a candidate's photo comes from: every fact that is held of it. */
export function SourceFacts({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { media, face } = candidate
  if (media === null) return null
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('source.title')}>
      <Stack gap="sm">
        <Title order={2}>{t('source.title')}</Title>
        {media.sources.map((source) => (
          <div key={`${source.collectionId} ${source.name} ${source.importedAt}`}>
            <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
              {source.name}
            </Text>
            <Fact name={t('source.collection')}>
              {media.collections.find(({ id }) => id === source.collectionId)?.title}
            </Fact>
            <Fact name={t('source.link')}>
              {source.sourceUrl !== null && <SourceLink address={source.sourceUrl} />}
            </Fact>
            <Fact name={t('source.taken')}>
              {source.capturedAt !== null && format.day(source.capturedAt)}
            </Fact>
            <Fact name={t('source.collector')}>{source.collector}</Fact>
            <Fact name={t('source.licence')}>{source.licence}</Fact>
            <Fact name={t('source.note')}>{source.note}</Fact>
            <Fact name={t('source.imported')}>{format.time(source.importedAt)}</Fact>
          </div>
        ))}
        <div>
          <Fact name={t('source.exif')}>
            {media.exifCapturedAt !== null && format.day(media.exifCapturedAt)}
          </Fact>
          <Fact name={t('source.size')}>
            {media.widthPx} × {media.heightPx}
          </Fact>
          <Fact name={t('source.faceNumber')}>{face?.number}</Fact>
          <Fact name="SHA-256">
            <Code fz="xs" style={{ overflowWrap: 'anywhere' }}>
              {media.sha256}
            </Code>
          </Fact>
        </div>
      </Stack>
    </Paper>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === '') return null
  return (
    <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
      <Text span size="xs" c="dimmed">
        {name}:{' '}
      </Text>
      {children}
    </Text>
  )
}

/** A link only when it is one: what an archive claims must not run anything here. */
function SourceLink({ address }: { address: string }) {
  if (!/^https?:\/\//i.test(address)) return address
  return (
    <Anchor href={address} target="_blank" rel="noreferrer noopener" size="sm">
      {address}
    </Anchor>
  )
}

import { Anchor, Code, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import type { Candidate } from './candidate-facts.ts'
import { clock } from './clock.ts'
import { useFormats } from './use-formats.ts'

type Media = Reply<'showMedia'> | NonNullable<Candidate['media']>

/** Where a photo comes from: every fact that is held of it, what importers claim apart from what the file says. */
export function SourceFacts({ media, faceNumber }: { media: Media; faceNumber?: number | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
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
            {'personName' in source && (
              <>
                <Fact name={t('source.person')}>
                  {[source.personName, source.personRef].filter((part) => part !== null).join(', ')}
                </Fact>
                {Object.entries(source.other).map(([name, value]) => (
                  <Fact key={name} name={name}>
                    {value}
                  </Fact>
                ))}
              </>
            )}
            <Fact name={t('source.imported')}>{format.time(source.importedAt)}</Fact>
            <Fact name={t('source.import')}>
              <Code fz="xs">{source.importId}</Code>
            </Fact>
          </div>
        ))}
        <FileFacts media={media} faceNumber={faceNumber} />
      </Stack>
    </Paper>
  )
}

function FileFacts({ media, faceNumber }: { media: Media; faceNumber: number | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { exifPlace } = media
  return (
    <div>
      <Text size="sm" fw={500}>
        {t('source.file')}
      </Text>
      <Fact name={t('source.exif')}>
        {media.exifCapturedAt !== null && format.localTime(media.exifCapturedAt)}
      </Fact>
      <Fact name={t('source.device')}>{media.exifDevice}</Fact>
      <Fact name={t('source.place')}>
        {exifPlace !== null && `${exifPlace.latitude.toFixed(5)}, ${exifPlace.longitude.toFixed(5)}`}
      </Fact>
      <Fact name={t('source.format')}>{media.format.toUpperCase()}</Fact>
      <Fact name={t('video.facts')}>
        {media.video !== null &&
          t('video.factsAre', {
            duration: clock(media.video.durationS),
            codec: media.video.codec,
            tracks: media.video.tracks,
          })}
      </Fact>
      <Fact name={t('source.size')}>
        {media.widthPx} × {media.heightPx}
      </Fact>
      <Fact name={t('source.bytes')}>{format.count(media.byteLength)}</Fact>
      <Fact name={t('source.faceNumber')}>{media.video === null && faceNumber}</Fact>
      <Fact name="SHA-256">
        <Code fz="xs" style={{ overflowWrap: 'anywhere' }}>
          {media.sha256}
        </Code>
      </Fact>
    </div>
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

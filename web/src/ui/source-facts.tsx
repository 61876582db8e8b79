import { Code, Paper, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ReplayedSource } from '../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../api.ts'
import type { Candidate } from './candidate-facts.ts'
import { CaptureFacts, ProvenanceFacts } from './capture-facts.tsx'
import { Fact, SourceLink } from './fact.tsx'
import { FileRemarks } from './file-remarks.tsx'
import { clock } from './clock.ts'
import { useFormats } from './use-formats.ts'

type Media = Reply<'showMedia'> | NonNullable<Candidate['media']>

/** Where a photo comes from: every fact that is held of it, what importers claim apart from what the file says. */
export function SourceFacts({
  media,
  faceNumber,
  replay,
}: {
  media: Media
  faceNumber?: number | undefined
  /** Address of an archived page, for a frame; undefined where pages are not looked at. */
  replay?: (shown: ReplayedSource) => string
}) {
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
            {source.capture !== null && (
              <Text size="xs" c="dimmed" mt={4}>
                {t('arch.importerSays')}
              </Text>
            )}
            <Fact name={t('source.collection')}>
              {media.collections.find(({ id }) => id === source.collectionId)?.title}
            </Fact>
            <Fact name={t('source.link')}>
              {source.sourceUrl !== null && !isOfArchive(source) && <SourceLink address={source.sourceUrl} />}
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
            {source.capture !== null && (
              <CaptureFacts
                capture={source.capture}
                isSensitive={media.sensitive}
                replay={replay && ((page, reveal) => replay({ source: source.id, page, reveal }))}
              />
            )}
          </div>
        ))}
        <FileFacts media={media} faceNumber={faceNumber} />
      </Stack>
    </Paper>
  )
}

/** The page of an archived picture is what the archive says, and stands there. */
function isOfArchive({ sourceUrl, capture }: Media['sources'][number]): boolean {
  return (
    capture !== null &&
    (capture.resourceUrl === sourceUrl || capture.pages.some(({ url }) => url === sourceUrl))
  )
}

function FileFacts({ media, faceNumber }: { media: Media; faceNumber: number | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { exifPlace } = media
  return (
    <div>
      <Text size="sm" fw={500}>
        {media.provenance === null ? t('source.file') : t('arch.fileSays')}
      </Text>
      <FileRemarks remarks={media.remarks} />
      <Fact name={t('source.exif')}>
        {media.exifCapturedAt !== null && format.asWritten(media.exifCapturedAt)}
      </Fact>
      <Fact name={t('source.device')}>{media.exifDevice}</Fact>
      <Fact name={t('source.place')}>
        {exifPlace !== null && `${exifPlace.latitude.toFixed(5)}, ${exifPlace.longitude.toFixed(5)}`}
      </Fact>
      {media.provenance !== null && <ProvenanceFacts provenance={media.provenance} />}
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

import { Alert, Button, Code, Divider, Text } from '@mantine/core'
import { IconBrowser } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import { ArchivedPage } from './archived-page.tsx'
import { Fact, SourceLink } from './fact.tsx'
import { useFormats } from './use-formats.ts'

type Media = Reply<'showMedia'>
type Capture = NonNullable<Media['sources'][number]['capture']>
type Provenance = NonNullable<Media['provenance']>
type Verdict = Capture['digest']['verdict']

/** Signs as well as words, so that an invalid one among valid ones is seen at once. */
const SIGNS: Record<Verdict, string> = { valid: '✓', invalid: '✗', absent: '–', unchecked: '?' }

/** What an archive or tool says of a source, with what checking it came to; its page can be looked at. */
export function CaptureFacts({
  capture,
  isSensitive,
  replay,
}: {
  capture: Capture
  isSensitive: boolean
  /** Undefined where pages are not looked at. */
  replay: ((page: number, reveal: boolean) => string) | undefined
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const [shown, setShown] = useState<number>()
  const { archive, digest } = capture
  return (
    <>
      <Divider my={6} label={t('arch.archiveSays')} labelPosition="left" />
      {digest.verdict === 'invalid' && (
        <Alert color="red" p="xs" my={4}>
          {archive === null ? t('arch.invalidFile') : t('arch.changed')}
        </Alert>
      )}
      <Fact name={t('arch.archive')}>
        {archive === null
          ? t(`arch.tool.${capture.tool}`)
          : `${archive.name} (${t(`arch.tool.${capture.tool}`)})`}
      </Fact>
      {capture.pages.map(({ url, title, how }, at) => (
        <div key={url}>
          <Fact name={t('arch.page')}>
            {title !== null && `${title}, `}
            <SourceLink address={url} /> <Text span size="xs" c="dimmed">{`(${t(`arch.how.${how}`)})`}</Text>
          </Fact>
          {capture.canReplay && replay !== undefined && (
            <Button
              size="compact-xs"
              variant="default"
              my={2}
              leftSection={<IconBrowser size={14} aria-hidden />}
              onClick={() => setShown(at)}
            >
              {t('arch.openPage')}
            </Button>
          )}
        </div>
      ))}
      <Fact name={t('arch.resource')}>{capture.resourceUrl}</Fact>
      <Fact name={t('arch.fetched')}>{capture.capturedAt !== null && format.time(capture.capturedAt)}</Fact>
      <Fact name={t('arch.status')}>{capture.status}</Fact>
      <Fact name={t('arch.record')}>{capture.recordId}</Fact>
      <Fact name={t('arch.revisit')}>{capture.revisitOf}</Fact>
      <Fact name={t('arch.digest')}>
        <VerdictWords verdict={digest.verdict} />
      </Fact>
      {digest.verdict === 'invalid' && (
        <>
          <Fact name={t('arch.claimed')}>{digest.claimed}</Fact>
          <Fact name={t('arch.observed')}>{digest.observed}</Fact>
        </>
      )}
      {archive !== null && (
        <>
          <Fact name={t('arch.package')}>
            <VerdictWords verdict={archive.packageVerdict} />
          </Fact>
          <Fact name={t('arch.signature')}>
            <VerdictWords verdict={archive.signatureVerdict} />
          </Fact>
          <Fact name={t('arch.signedBy')}>{archive.signedBy}</Fact>
          <Fact name={t('arch.software')}>{archive.software}</Fact>
          <Fact name={t('arch.problems')}>{archive.problems.join(' ')}</Fact>
          <Fact name="SHA-256">
            <Code fz="xs">{archive.sha256}</Code>
          </Fact>
          <Fact name={t('arch.kept')}>{!archive.isKept && t('arch.notKept')}</Fact>
        </>
      )}
      <Pairs title={t('arch.headers')} pairs={capture.headers} />
      <Pairs title={t('arch.other')} pairs={Object.entries(capture.other)} />
      {shown !== undefined && replay !== undefined && (
        <ArchivedPage
          url={capture.pages[shown]?.url ?? ''}
          capturedAt={capture.capturedAt}
          isSensitive={isSensitive}
          address={(reveal) => replay(shown, reveal)}
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  )
}

/** What a media file says of itself. */
export function ProvenanceFacts({ provenance }: { provenance: Provenance }) {
  const { t } = useTranslation()
  const { time, manifest } = provenance
  return (
    <>
      {time !== null && (
        <>
          <Fact name={t('arch.zone.title')}>
            {t(`arch.zone.${time.zone}`, { offset: time.offset ?? '', byGps: time.offsetByGps ?? '' })}
          </Fact>
          <Fact name={t('arch.gpsTime')}>{time.gps}</Fact>
        </>
      )}
      <Fact name={t('arch.place')}>{provenance.place}</Fact>
      <Fact name={t('arch.credentials')}>{t(`arch.manifest.${manifest.state}`)}</Fact>
      <Fact name={t('arch.generator')}>{manifest.generator}</Fact>
      <Fact name={t('arch.signer')}>{manifest.signer}</Fact>
      <Fact name={t('arch.problems')}>{manifest.problems.join('; ')}</Fact>
      <Pairs title="EXIF" pairs={Object.entries(provenance.exif)} />
      <Pairs title="XMP" pairs={Object.entries(provenance.xmp)} />
      <Pairs title="IPTC" pairs={Object.entries(provenance.iptc)} />
    </>
  )
}

function VerdictWords({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation()
  return (
    <Text span fw={600}>
      {`${SIGNS[verdict]} ${t(`arch.verdict.${verdict}`)}`}
    </Text>
  )
}

/** Names and values that only some people need: folded away. */
function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly string[])[] }) {
  if (pairs.length === 0) return null
  return (
    <details>
      <Text component="summary" size="xs" c="dimmed" style={{ cursor: 'pointer' }}>
        {title} ({pairs.length})
      </Text>
      {pairs.map(([name, value]) => (
        <Fact key={`${name} ${value}`} name={name ?? ''}>
          {value}
        </Fact>
      ))}
    </details>
  )
}

import { Alert, Grid, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SourceFacts } from '../../ui/source-facts.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { AlertActions } from './alert-actions.tsx'
import { AlertBench } from './alert-bench.tsx'
import { AlertState, Where } from './alert-card.tsx'

/** Rates below are far beyond what was measured. */
const route = getRouteApi('/app/alerts/$alertId')

/** One alert: the pair side by side, where it was found, and what to do about it. */
export function AlertPage() {
  const { alertId } = route.useParams()
  const alert = useQuery(apiQuery('showAlert', { params: { id: alertId } }))
  return <Loaded query={alert}>{(shown) => <AlertView key={shown.id} alert={shown} />}</Loaded>
}

type Shown = Reply<'showAlert'>

function AlertView({ alert }: { alert: Shown }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [chosen, setChosen] = useState(0)
  const hit = alert.hits.at(chosen)
  return (
    <>
      <PageHead
        title={alert.personName ?? alert.personRef ?? t('alert.title', { at: format.time(alert.raisedAt) })}
        crumbs={[{ label: t('nav.alerts'), to: '/alerts' }]}
        note={t('alert.help')}
      >
        <AlertActions alert={alert} hitId={hit?.id} />
      </PageHead>
      {alert.hits.length > 1 && (
        <SegmentedControl
          mb="xs"
          aria-label={t('alert.found')}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
          data={alert.hits.map((one, at) => ({
            value: String(at),
            label: `${t('alert.found')} ${at + 1} · ${format.similarity(one.similarity)}`,
          }))}
        />
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 9 }}>
          {hit === undefined ? (
            <Alert color="yellow">{t('alert.gone')}</Alert>
          ) : (
            <AlertBench key={hit.id} alert={alert} hit={hit} />
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3 }}>
          <Facts alert={alert} hit={hit} />
        </Grid.Col>
      </Grid>
    </>
  )
}

function Facts({ alert, hit }: { alert: Shown; hit: Shown['hits'][number] | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  const rate = hit?.falseMatchRate ?? null
  return (
    <Stack gap={6}>
      <AlertState alert={alert} />
      <TextLink to="/people/$personId" params={{ personId: alert.personId }} fz="sm">
        {alert.personName ?? alert.personRef ?? t('alert.unnamed')}
      </TextLink>
      <Where alert={alert} />
      {rate !== null && (
        <Text size="sm" c="dimmed" className="numbers">
          {t(hit?.extrapolated === true ? 'alert.byScoresFew' : 'alert.byScores', {
            number: format.rough(1 / rate),
          })}
        </Text>
      )}
      <Text size="sm" className="numbers">
        {t('alert.raised')}: {format.time(alert.raisedAt)}
      </Text>
      <Text size="sm" className="numbers">
        {t('alert.due')}: {format.time(alert.dueAt)}
      </Text>
      <Text size="sm">
        {t('alert.owner')}: {alert.owner?.name ?? t('alert.nobody')}
      </Text>
      {alert.escalatedAt !== null && (
        <Text size="sm" c="red">
          {t('alert.escalated')}
        </Text>
      )}
      {alert.closedAs !== null && <Text size="sm">{t(`alert.closedAs.${alert.closedAs}`)}</Text>}
      {alert.reason !== null && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {alert.reason}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {t('alert.changed', { name: alert.changedBy, at: format.time(alert.changedAt) })}
      </Text>
      {alert.media !== null && <SourceFacts media={alert.media} faceNumber={undefined} />}
    </Stack>
  )
}

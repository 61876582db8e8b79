import { Alert, Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

export type StandingSearch = Reply<'listStandingSearches'>['items'][number]

const ACTS = { pause: 'paused', resume: 'running', end: 'ended' } as const

/** Standing searches with how they stand. @param withPerson whether each says whom it looks for */
export function StandingSearchList({
  searches,
  withPerson,
}: {
  searches: readonly StandingSearch[]
  withPerson: boolean
}) {
  return (
    <Stack gap="xs">
      {searches.map((search) => (
        <Row key={search.id} search={search} withPerson={withPerson} />
      ))}
    </Stack>
  )
}

function Row({ search, withPerson }: { search: StandingSearch; withPerson: boolean }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const change = useApi('changeStandingSearch', ['listStandingSearches'])
  const [asking, setAsking] = useState<keyof typeof ACTS>()
  const running = search.state === 'running'
  const facts = [
    `${t('standing.threshold')} ${format.similarity(search.threshold)}`,
    ...(search.faces > 1 ? [t(`standing.comparisonIs.${search.comparison}`)] : []),
    `${t('standing.ends')} ${format.day(search.endsOn)}`,
    `${t('standing.review')} ${format.day(search.reviewOn)}`,
  ]
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: '1 1 320px' }}>
          <Group gap="xs">
            <Badge variant={running ? 'light' : 'default'}>{t(`standing.state.${search.state}`)}</Badge>
            {withPerson && (
              <TextLink to="/people/$personId" params={{ personId: search.personId }} fw={600}>
                {search.personName ?? search.personRef ?? t('alert.unnamed')}
              </TextLink>
            )}
            <TextLink to="/alerts" search={{ person: search.personId }} fz="sm">
              {t('standing.open', { count: search.openAlerts })}
            </TextLink>
          </Group>
          <Text size="sm" mt={4}>
            {running &&
              (search.faces > 0 ? t('standing.faces', { count: search.faces }) : t('standing.rests'))}
            {search.waiting > 0 && ` ${t('standing.waiting')}`}
          </Text>
          <Text size="sm" c="dimmed" className="numbers">
            {facts.join(' · ')}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {search.collections?.join(', ') ?? t('standing.allCollections')}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t(`purpose.${search.purpose}`)} · {search.legalBasis} ·{' '}
            {t('standing.setUpBy', { name: search.setUpBy, at: format.time(search.setUpAt) })}
          </Text>
        </div>
        {may('watch.change') && search.state !== 'ended' && (
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setAsking(running ? 'pause' : 'resume')}
            >
              {t(running ? 'standing.pause' : 'standing.resume')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsking('end')}>
              {t('standing.end')}
            </Button>
          </Group>
        )}
      </Group>
      {search.reviewAskedAt !== null && search.state !== 'ended' && (
        <Alert color="yellow" mt="xs">
          {t('standing.reviewDue')}
        </Alert>
      )}
      {asking !== undefined && (
        <ReasonDialog
          opened
          title={t(`standing.${asking}`)}
          warning={t(`standing.${asking}Help`)}
          act={t(`standing.${asking}`)}
          busy={change.isPending}
          error={change.error}
          onClose={() => setAsking(undefined)}
          onReason={(reason) =>
            change.mutate(
              { params: { id: search.id }, body: { state: ACTS[asking], reason } },
              { onSuccess: () => setAsking(undefined) },
            )
          }
        />
      )}
    </Paper>
  )
}

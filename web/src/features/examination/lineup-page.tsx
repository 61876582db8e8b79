import { Alert, Badge, Button, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { gapsOf, type Analysis } from '../../../../src/contract/examination-words.ts'
import { examinationPicture } from '../../../../src/contract/client/picture-addresses.ts'
import { api, apiQuery, useApi, type Reply } from '../../api.ts'
import { AnalysisFacts } from './analysis-facts.tsx'
import { AnalysisForm } from './analysis-form.tsx'
import { ComparisonDrafting } from './comparison-drafting.tsx'
import styles from './examination.module.css'
import { RevealButton } from './reveal-button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/lineups/$lineupId')
const PICTURE_PX = 1024
const SMALL_PX = 256

type Lineup = Reply<'showLineup'>

/** A blind line-up: the probe alone first, then six faces without a word of where they come from. */
export function LineupPage() {
  const { lineupId } = route.useParams()
  const lineup = useQuery({
    ...apiQuery('showLineup', { params: { id: lineupId } }),
    staleTime: Infinity,
  })
  return <Loaded query={lineup}>{(shown) => <LineupView lineup={shown} />}</Loaded>
}

function LineupView({ lineup }: { lineup: Lineup }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [reveal, setReveal] = useState(false)
  return (
    <>
      <PageHead
        title={t('lineup.title')}
        crumbs={[{ label: t('nav.lineups'), to: '/lineups' }]}
        note={t('lineup.takenAt', { at: format.time(lineup.takenAt) })}
      >
        {lineup.sensitive && !reveal && lineup.state === 'taken' && (
          <RevealButton onReveal={() => setReveal(true)} />
        )}
        {lineup.state === 'taken' && <ReturnLineup id={lineup.id} />}
      </PageHead>
      {lineup.state === 'taken' ? (
        <Writing lineup={lineup} reveal={reveal} />
      ) : (
        <Alert color="gray" title={t(`lineup.stateIs.${lineup.state}`)}>
          <Text size="sm" mb="xs">
            {t(`lineup.ended.${lineup.state}`)}
          </Text>
          <TextLink to="/lineups">{t('lineup.toNext')}</TextLink>
        </Alert>
      )}
    </>
  )
}

function Writing({ lineup, reveal }: { lineup: Lineup; reveal: boolean }) {
  const { t } = useTranslation()
  const queryClient = useQueryClient()
  const params = { id: lineup.id }
  const { queryKey } = apiQuery('showLineup', { params })
  const [error, setError] = useState<unknown>(null)
  const [chosenId, setChosenId] = useState<string>()
  const flush = useRef<() => Promise<void>>(undefined)
  const rememberFlush = useCallback((given: () => Promise<void>) => {
    flush.current = given
  }, [])
  const take = async (work: () => Promise<Lineup>): Promise<void> => {
    try {
      queryClient.setQueryData(queryKey, await work())
      setError(null)
    } catch (thrown) {
      setError(thrown)
    }
  }
  const picture = (itemId: string | undefined, side: number): string =>
    examinationPicture('lineups', lineup.id, { itemId, side, reveal })
  if (!lineup.analysisFinished) {
    return (
      <>
        <ProblemAlert error={error} />
        <AnalysisForm
          draftKey={`analysis ${lineup.id}`}
          probe={picture(undefined, PICTURE_PX)}
          analysis={lineup.analysis}
          onKeep={(analysis) =>
            api
              .call('writeLineupAnalysis', { keepalive: true, params, body: { analysis, finish: false } })
              .then((after) => queryClient.setQueryData(queryKey, after))
          }
          onFinish={(analysis: Analysis) =>
            take(() =>
              api.call('writeLineupAnalysis', { keepalive: true, params, body: { analysis, finish: true } }),
            )
          }
        />
      </>
    )
  }
  const items = lineup.items ?? []
  const { isSuitable } = lineup.analysis!
  const chosen = items.find(({ id }) => id === chosenId) ?? items[0]
  const open = items.filter((item) => gapsOf(item, isSuitable).length > 0)
  const askToFinish = (): void =>
    void modals.openConfirmModal({
      title: t('lineup.finish'),
      children: <Text size="sm">{t('lineup.finishHelp')}</Text>,
      labels: { confirm: t('lineup.finish'), cancel: t('common.cancel') },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: () =>
        void take(async () => {
          await flush.current?.()
          const after = await api.call('finishLineup', { params, body: {} })
          await queryClient.invalidateQueries({ queryKey: ['listLineups'] })
          return after
        }),
    })
  return (
    <Stack>
      <section aria-label={t('exam.analysis')}>
        <Title order={2}>{t('exam.analysis')}</Title>
        <AnalysisFacts analysis={lineup.analysis!} />
      </section>
      <section aria-label={t('lineup.faces')}>
        <Title order={2} mb={4}>
          {t('lineup.faces')}
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          {t('lineup.facesHelp')}
        </Text>
        <ul className={styles.lineup}>
          {items.map((item) => (
            <li key={item.id}>
              <UnstyledButton
                className={styles.place}
                data-chosen={item.id === chosen.id}
                aria-pressed={item.id === chosen.id}
                onClick={() => setChosenId(item.id)}
              >
                <span className={styles.frame}>
                  <img src={picture(item.id, SMALL_PX)} alt="" />
                </span>
                <Text size="xs" px={6} py={4} fw={item.id === chosen.id ? 600 : 400}>
                  {t('lineup.face', { number: item.position })}
                  <br />
                  {item.conclusion === null ? t('lineup.open') : t(`term.conclusions.${item.conclusion}`)}
                </Text>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={t('lineup.face', { number: chosen.position })}>
        <Title order={2} mb="xs">
          {t('lineup.face', { number: chosen.position })}
        </Title>
        <ComparisonDrafting
          key={chosen.id}
          draftKey={`comparison ${chosen.id}`}
          probe={picture(undefined, PICTURE_PX)}
          compared={picture(chosen.id, PICTURE_PX)}
          comparedName={t('lineup.face', { number: chosen.position })}
          comparison={chosen}
          isSuitable={isSuitable}
          onKeep={(body) =>
            api
              .call('writeLineupComparison', {
                keepalive: true,
                params: { ...params, itemId: chosen.id },
                body,
              })
              .then((after) => queryClient.setQueryData(queryKey, after))
          }
          onFlush={rememberFlush}
        />
      </section>
      <ProblemAlert error={error} />
      {open.length > 0 && (
        <Text size="sm">
          {t('lineup.stillOpen')}{' '}
          {open.map(({ id, position }) => (
            <Badge key={id} variant="default" mr={4}>
              {t('lineup.face', { number: position })}
            </Badge>
          ))}
        </Text>
      )}
      <Button ml="auto" onClick={askToFinish}>
        {t('lineup.finish')}
      </Button>
    </Stack>
  )
}

function ReturnLineup({ id }: { id: string }) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const [asking, setAsking] = useState(false)
  const giveBack = useApi('returnLineup', ['listLineups', 'showLineup'])
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('lineup.return')}
      </Button>
      <ReasonDialog
        opened={asking}
        title={t('lineup.return')}
        warning={t('lineup.returnHelp')}
        act={t('lineup.return')}
        busy={giveBack.isPending}
        error={giveBack.error}
        onClose={() => setAsking(false)}
        onReason={(reason) =>
          giveBack.mutate(
            { params: { id }, body: { reason } },
            { onSuccess: () => void navigate({ to: '/lineups' }) },
          )
        }
      />
    </>
  )
}

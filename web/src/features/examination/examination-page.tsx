import { Alert, Button, Stack, Text, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Analysis } from '../../../../src/contract/examination-words.ts'
import { examinationPicture } from '../../../../src/contract/client/picture-addresses.ts'
import { api, apiQuery, useApi, type Reply } from '../../api.ts'
import { AnalysisFacts } from './analysis-facts.tsx'
import { AnalysisForm } from './analysis-form.tsx'
import { ComparisonDrafting } from './comparison-drafting.tsx'
import { FinishedComparison } from './finished-comparison.tsx'
import { RevealButton } from './reveal-button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/examinations/$examinationId')
const PICTURE_PX = 1024

type Examination = Reply<'showExamination'>

/** A first examination: analysis of the probe alone, then comparison, evaluation and conclusion. */
export function ExaminationPage() {
  const { examinationId } = route.useParams()
  const examination = useQuery({
    ...apiQuery('showExamination', { params: { id: examinationId } }),
    // What is being written must not be overwritten by what was read.
    staleTime: Infinity,
  })
  return <Loaded query={examination}>{(shown) => <ExaminationView examination={shown} />}</Loaded>
}

function ExaminationView({ examination }: { examination: Examination }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [reveal, setReveal] = useState(false)
  const { id, identificationId, isOwn, finishedAt, abandonedAt } = examination
  const isDraft = finishedAt === null && abandonedAt === null
  const picture = (itemId: string | undefined): string =>
    examinationPicture('examinations', id, { itemId, side: PICTURE_PX, reveal })
  return (
    <>
      <PageHead
        title={t('exam.title')}
        crumbs={[
          {
            label: t('ident.title'),
            to: '/identifications/$identificationId',
            params: { identificationId },
          },
        ]}
        note={
          finishedAt !== null
            ? t('exam.finishedBy', { name: examination.examiner, at: format.time(finishedAt) })
            : t('exam.begunBy', { name: examination.examiner, at: format.time(examination.begunAt) })
        }
      >
        {examination.sensitive && !reveal && <RevealButton onReveal={() => setReveal(true)} />}
        {isDraft && <Abandon examination={examination} />}
      </PageHead>
      {abandonedAt !== null && <Alert color="yellow">{t('exam.abandoned')}</Alert>}
      {isDraft && !isOwn ? (
        <Alert color="gray">{t('exam.othersDraft')}</Alert>
      ) : isDraft ? (
        <Writing examination={examination} picture={picture} />
      ) : (
        <Stack>
          {examination.analysis !== null && <AnalysisFacts analysis={examination.analysis} />}
          {examination.items?.map((item) => (
            <FinishedComparison
              key={item.id}
              probe={picture(undefined)}
              compared={picture(item.id)}
              comparedName={t('exam.candidate')}
              comparison={item}
            />
          ))}
        </Stack>
      )}
    </>
  )
}

function Writing({
  examination,
  picture,
}: {
  examination: Examination
  picture: (itemId: string | undefined) => string
}) {
  const { t } = useTranslation()
  const queryClient = useQueryClient()
  const params = { id: examination.id }
  const { queryKey } = apiQuery('showExamination', { params })
  const [error, setError] = useState<unknown>(null)
  const flush = useRef<() => Promise<void>>(undefined)
  const rememberFlush = useCallback((given: () => Promise<void>) => {
    flush.current = given
  }, [])
  const finishAnalysis = async (analysis: Analysis): Promise<void> => {
    try {
      const after = await api.call('writeAnalysis', {
        keepalive: true,
        params,
        body: { analysis, finish: true },
      })
      setError(null)
      queryClient.setQueryData(queryKey, after)
    } catch (thrown) {
      setError(thrown)
    }
  }
  if (!examination.analysisFinished) {
    return (
      <>
        <ProblemAlert error={error} />
        <AnalysisForm
          draftKey={`analysis ${examination.id}`}
          probe={picture(undefined)}
          analysis={examination.analysis}
          onKeep={(analysis) =>
            api
              .call('writeAnalysis', { keepalive: true, params, body: { analysis, finish: false } })
              .then((after) => queryClient.setQueryData(queryKey, after))
          }
          onFinish={finishAnalysis}
        />
      </>
    )
  }
  const finish = async (): Promise<void> => {
    try {
      await flush.current?.()
      const after = await api.call('finishExamination', { params, body: {} })
      setError(null)
      queryClient.setQueryData(queryKey, after)
      await queryClient.invalidateQueries({ queryKey: ['showIdentification'] })
    } catch (thrown) {
      setError(thrown)
    }
  }
  const askToFinish = (): void =>
    void modals.openConfirmModal({
      title: t('exam.finish'),
      children: <Text size="sm">{t('exam.finishHelp')}</Text>,
      labels: { confirm: t('exam.finish'), cancel: t('common.cancel') },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: () => void finish(),
    })
  const { isSuitable } = examination.analysis!
  return (
    <Stack>
      <section aria-label={t('exam.analysis')}>
        <Title order={2}>{t('exam.analysis')}</Title>
        <AnalysisFacts analysis={examination.analysis!} />
      </section>
      {(examination.items ?? []).map((item) => (
        <ComparisonDrafting
          key={item.id}
          draftKey={`comparison ${item.id}`}
          probe={picture(undefined)}
          compared={picture(item.id)}
          comparedName={t('exam.candidate')}
          comparison={item}
          isSuitable={isSuitable}
          onKeep={(body) =>
            api
              .call('writeComparison', { keepalive: true, params: { ...params, itemId: item.id }, body })
              .then((after) =>
                // So that coming back to the page shows what was kept last.
                queryClient.setQueryData(queryKey, after),
              )
          }
          onFlush={rememberFlush}
        />
      ))}
      <ProblemAlert error={error} />
      <Button ml="auto" onClick={askToFinish}>
        {t('exam.finish')}
      </Button>
    </Stack>
  )
}

function Abandon({ examination: { id } }: { examination: Examination }) {
  const { t } = useTranslation()
  const abandon = useApi('abandonExamination', ['showExamination', 'showIdentification'])
  const ask = (): void =>
    void modals.openConfirmModal({
      title: t('exam.abandon'),
      children: <Text size="sm">{t('exam.abandonHelp')}</Text>,
      labels: { confirm: t('exam.abandon'), cancel: t('common.cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: () => abandon.mutate({ params: { id }, body: {} }),
    })
  return (
    <>
      <Button variant="default" loading={abandon.isPending} onClick={ask}>
        {t('exam.abandon')}
      </Button>
      <ProblemAlert error={abandon.error} />
    </>
  )
}

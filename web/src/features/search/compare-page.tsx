import { Alert, Button, SegmentedControl, Text } from '@mantine/core'
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { TakeLead } from '../identification/take-lead.tsx'
import type { Candidate, Search } from '../../ui/candidate-facts.ts'
import { isTyping } from '../../ui/is-typing.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { useMarks } from './use-marks.ts'
import { useStrangers } from './use-strangers.ts'
import { VideoOfCandidate } from './video-of-candidate.tsx'
import { useSubject, type SubjectFace } from '../../ui/use-subject.ts'
import { Workbench } from '../../workbench/workbench.tsx'

const route = getRouteApi('/app/searches/$searchId/compare/$rank')

/** Probe and candidate side by side. */
export function ComparePage() {
  const { t } = useTranslation()
  const { searchId, rank } = route.useParams()
  const search = useQuery({ ...apiQuery('showSearch', { params: { id: searchId } }), staleTime: Infinity })
  return (
    <Loaded query={search}>
      {(found) => {
        const candidate = [...found.candidates, ...found.below].find((one) => one.rank === Number(rank))
        return candidate === undefined ? (
          <Alert color="yellow">{t('compare.noSuch')}</Alert>
        ) : (
          <CompareView search={found} candidate={candidate} />
        )
      }}
    </Loaded>
  )
}

function CompareView({ search, candidate }: { search: Search; candidate: Candidate }) {
  const { t } = useTranslation()
  const format = useFormats()
  const strangers = useStrangers()
  const marks = useMarks(search.id)
  const subject = useSubject(search)
  const [chosenFace, setChosenFace] = useState(0)
  const goTo = useNeighbours(search, candidate)
  const mark = marks.of(candidate.rank)
  const face = subject[chosenFace] as SubjectFace | undefined
  return (
    <>
      <PageHead
        title={
          candidate.rank > search.candidateCount
            ? t('compare.belowTitle', { rank: candidate.rank })
            : t('compare.title', { rank: candidate.rank, of: search.candidateCount })
        }
        crumbs={[{ label: t('compare.toList'), to: '/searches/$searchId', params: { searchId: search.id } }]}
        note={
          <>
            {t('cand.similarityIs', { value: format.similarity(candidate.similarity) })}.{' '}
            {strangers(candidate)}. {t('compare.notIdentity')}
          </>
        }
      >
        <Button.Group>
          <Button
            variant="default"
            disabled={goTo.previous === undefined}
            onClick={goTo.previous}
            leftSection={<IconArrowLeft size={16} aria-hidden />}
          >
            {t('compare.previous')}
          </Button>
          <Button
            variant="default"
            disabled={goTo.next === undefined}
            onClick={goTo.next}
            rightSection={<IconArrowRight size={16} aria-hidden />}
          >
            {t('compare.next')}
          </Button>
        </Button.Group>
        <Button.Group>
          {(['later', 'rejected'] as const).map((one) => (
            <Button
              key={one}
              variant={mark?.mark === one ? 'filled' : 'default'}
              aria-pressed={mark?.mark === one}
              onClick={() => marks.toggle(candidate.rank, one)}
            >
              {t(`cand.mark.${one}`)}
            </Button>
          ))}
        </Button.Group>
        {candidate.face !== null && (
          <TakeLead searchId={search.id} rank={candidate.rank} probeFaceId={face?.face.id} />
        )}
      </PageHead>
      <ProblemAlert error={marks.error} />
      {mark !== undefined && mark.markedBy !== '' && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('compare.markedBy', {
            mark: t(`cand.mark.${mark.mark}`),
            by: mark.markedBy,
            at: format.time(mark.markedAt),
          })}
        </Text>
      )}
      {subject.length > 1 && (
        <SegmentedControl
          mb="xs"
          aria-label={t('compare.probe')}
          value={String(chosenFace)}
          onChange={(value) => setChosenFace(Number(value))}
          data={subject.map((one, at) => ({
            value: String(at),
            label: one.probe.label ?? t('search.unnamed'),
          }))}
        />
      )}
      {candidate.face === null || candidate.media === null ? (
        <Alert color="yellow">{t('cand.gone')}</Alert>
      ) : (
        face !== undefined && (
          <Workbench
            key={`${candidate.rank} ${face.face.id}`}
            search={search}
            candidate={candidate}
            subject={face}
            onMark={(one) => marks.toggle(candidate.rank, one)}
          />
        )
      )}
      {candidate.face !== null && candidate.face.moment !== null && (
        <VideoOfCandidate key={candidate.rank} search={search} candidate={candidate} />
      )}
    </>
  )
}

/** To the candidates before and after this one; also by p and n. */
function useNeighbours(
  search: Search,
  candidate: Candidate,
): Record<'previous' | 'next', (() => void) | undefined> {
  const navigate = route.useNavigate()
  const all = [...search.candidates, ...search.below]
  const at = all.indexOf(candidate)
  const go = (to: Candidate | undefined): (() => void) | undefined =>
    to === undefined
      ? undefined
      : () => void navigate({ params: { searchId: search.id, rank: String(to.rank) } as never })
  const previous = go(all[at - 1])
  const next = go(all[at + 1])
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === 'p') previous?.()
      if (event.key === 'n') next?.()
      if (event.key === 'Escape')
        void navigate({ to: '/searches/$searchId', params: { searchId: search.id } })
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })
  return { previous, next }
}

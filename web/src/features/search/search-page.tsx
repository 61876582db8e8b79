import { Alert, Button, Stack, Text } from '@mantine/core'
import { useDisclosure, useLocalStorage } from '@mantine/hooks'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import type { Candidate, Search } from '../../ui/candidate-facts.ts'
import { CandidateFilters } from './candidate-filters.tsx'
import { CandidateGrid } from './candidate-grid.tsx'
import { CandidateTable } from './candidate-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { groupCandidates, type Grouping } from './group-candidates.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { SearchFacts } from './search-facts.tsx'
import { searchedCollections } from './searched-collections.ts'
import { OPEN_SIEVE, passes } from './sift-candidates.ts'
import { useCandidateKeys } from './use-candidate-keys.ts'
import { useFormats } from '../../ui/use-formats.ts'
import { useMarks } from './use-marks.ts'

const route = getRouteApi('/app/searches/$searchId')

/** The kept candidate list of one search. */
export function SearchPage() {
  const { searchId } = route.useParams()
  const search = useQuery({ ...apiQuery('showSearch', { params: { id: searchId } }), staleTime: Infinity })
  return <Loaded query={search}>{(found) => <SearchView search={found} />}</Loaded>
}

function SearchView({ search }: { search: Search }) {
  const { t } = useTranslation()
  const format = useFormats()
  const caseFile = useQuery(apiQuery('showCase', { params: { id: search.caseId } }))
  return (
    <>
      <PageHead
        title={
          search.candidateCount === 0
            ? t('cand.none')
            : t('cand.found', { count: search.candidateCount, shown: format.count(search.candidateCount) })
        }
        crumbs={[
          { label: t('nav.cases'), to: '/cases' },
          { label: caseFile.data?.title ?? '…', to: '/cases/$caseId', params: { caseId: search.caseId } },
        ]}
        note={t('cand.summary', {
          faces: format.count(search.facesSearched),
          collections: searchedCollections(t, search),
          by: search.searchedBy,
          at: format.time(search.at),
        })}
      />
      <Stack>
        <SearchFacts search={search} />
        {search.candidateCount === 0 && (
          <EmptyState
            title={t('cand.none')}
            help={t('cand.noneHelp', { threshold: format.similarity(search.threshold) })}
          />
        )}
        {search.candidates.length + search.below.length > 0 && <Candidates search={search} />}
      </Stack>
    </>
  )
}

function Candidates({ search }: { search: Search }) {
  const { t } = useTranslation()
  const format = useFormats()
  const marks = useMarks(search.id)
  const [view, setView] = useLocalStorage<'grid' | 'list'>({ key: 'likeness.view', defaultValue: 'grid' })
  const [grouping, setGrouping] = useLocalStorage<Grouping>({
    key: 'likeness.grouping',
    defaultValue: 'none',
  })
  const [sieve, setSieve] = useState(OPEN_SIEVE)
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set())
  const [unfolded, { toggle }] = useDisclosure()
  const reveal = (rank: number): void => setRevealed(new Set([...revealed, rank]))
  const keys = useCandidateKeys(search.id, marks, reveal)
  const shown = search.candidates.filter((candidate) => passes(candidate, sieve, marks))
  const below = search.below.filter((candidate) => passes(candidate, sieve, marks))
  const lists = (candidates: readonly Candidate[]) =>
    groupCandidates(candidates, grouping, { unknown: t('cand.gone'), rest: t('cand.onePhotoEach') }).map(
      ({ key, title, candidates: members }) => {
        const parts = { title, candidates: members, search, marks, revealed, reveal }
        return view === 'grid' ? (
          <CandidateGrid key={key} {...parts} />
        ) : (
          <CandidateTable key={key} {...parts} />
        )
      },
    )
  return (
    <Stack gap="sm" onKeyDown={keys} role="presentation">
      <CandidateFilters
        search={search}
        view={view}
        onView={setView}
        grouping={grouping}
        onGrouping={setGrouping}
        sieve={sieve}
        onSieve={setSieve}
      />
      <ProblemAlert error={marks.error} />
      {search.candidates.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('cand.lead')} {t('cand.keysHint')}
        </Text>
      )}
      {search.candidates.length > 0 && shown.length === 0 && (
        <Alert color="yellow">{t('cand.filteredOut')}</Alert>
      )}
      <div>{lists(shown)}</div>
      <Text size="sm" c="dimmed">
        {search.more
          ? t('cand.more', { limit: search.parameters.limit })
          : t('cand.below', { threshold: format.similarity(search.threshold) })}
      </Text>
      {below.length > 0 && (
        <section aria-label={t('cand.belowTitle')}>
          <Button
            variant="default"
            aria-expanded={unfolded}
            onClick={toggle}
            rightSection={
              unfolded ? <IconChevronUp size={16} aria-hidden /> : <IconChevronDown size={16} aria-hidden />
            }
          >
            {unfolded ? t('cand.belowHide') : t('cand.belowShow', { count: below.length })}
          </Button>
          {unfolded && (
            <Stack gap="sm" mt="sm">
              <Alert color="yellow">{t('cand.belowWarning')}</Alert>
              <div>{lists(below)}</div>
            </Stack>
          )}
        </section>
      )}
    </Stack>
  )
}

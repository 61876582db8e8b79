import { Alert, Group, NativeSelect, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../api.ts'
import { CandidateGrid } from '../ui/candidate-grid.tsx'
import { CandidateTable } from '../ui/candidate-table.tsx'
import { capturedAt, sourceName, type Candidate, type Search } from '../ui/candidate-facts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { SearchFacts } from '../ui/search-facts.tsx'
import { useCandidateKeys } from '../ui/use-candidate-keys.ts'
import { useFormats } from '../ui/use-formats.ts'
import { useMarks } from '../ui/use-marks.ts'

const route = getRouteApi('/app/searches/$searchId')

type Grouping = 'none' | 'photo' | 'collection'

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
          collections: search.collections.map(({ title }) => title).join(', ') || '—',
          by: search.searchedBy,
          at: format.time(search.at),
        })}
      />
      <Stack>
        <SearchFacts search={search} />
        {search.candidateCount === 0 ? (
          <EmptyState
            title={t('cand.none')}
            help={t('cand.noneHelp', { threshold: format.similarity(search.threshold) })}
          />
        ) : (
          <Candidates search={search} />
        )}
      </Stack>
    </>
  )
}

function Candidates({ search }: { search: Search }) {
  const { t } = useTranslation()
  const format = useFormats()
  const marks = useMarks(search.id)
  const [view, setView] = useLocalStorage<'grid' | 'list'>({ key: 'likeness.view', defaultValue: 'grid' })
  const [grouping, setGrouping] = useState<Grouping>('none')
  const [collection, setCollection] = useState('')
  const [words, setWords] = useState('')
  const [hideRejected, setHideRejected] = useState(false)
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set())
  const reveal = (rank: number): void => setRevealed(new Set([...revealed, rank]))
  const shown = search.candidates.filter(
    (candidate) =>
      (collection === '' || candidate.media?.collections.some(({ id }) => id === collection)) &&
      (!hideRejected || marks.of(candidate.rank) !== 'rejected') &&
      hasWords(candidate, words),
  )
  const groups = useMemo(() => groupBy(shown, grouping), [shown, grouping])
  const keys = useCandidateKeys(search.id, marks, reveal)
  const parts = { search, marks, revealed, reveal }
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end" component="section" aria-label={t('cand.filters')}>
        <SegmentedControl
          aria-label={t('cand.view')}
          value={view}
          onChange={(value) => setView(value as 'grid' | 'list')}
          data={[
            { value: 'grid', label: t('cand.grid') },
            { value: 'list', label: t('cand.list') },
          ]}
        />
        <NativeSelect
          label={t('cand.group')}
          value={grouping}
          onChange={(event) => setGrouping(event.currentTarget.value as Grouping)}
          data={(['none', 'photo', 'collection'] as const).map((value) => ({
            value,
            label: t(`cand.groupBy.${value}`),
          }))}
        />
        <NativeSelect
          label={t('cand.collection')}
          value={collection}
          onChange={(event) => setCollection(event.currentTarget.value)}
          data={[
            { value: '', label: t('cand.everyCollection') },
            ...search.collections.map(({ id, title }) => ({ value: id, label: title })),
          ]}
        />
        <TextInput
          label={t('cand.words')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Switch
          label={t('cand.hideRejected')}
          checked={hideRejected}
          onChange={(event) => setHideRejected(event.currentTarget.checked)}
          mb={6}
        />
      </Group>
      <Text size="sm" c="dimmed">
        {t('cand.lead')} {t('cand.keysHint')}
      </Text>
      {shown.length === 0 && <Alert color="yellow">{t('cand.filteredOut')}</Alert>}
      <div onKeyDown={keys} role="presentation">
        {groups.map(({ title, candidates }) =>
          view === 'grid' ? (
            <CandidateGrid key={title} title={title} candidates={candidates} {...parts} />
          ) : (
            <CandidateTable key={title} title={title} candidates={candidates} {...parts} />
          ),
        )}
      </div>
      <Text size="sm" c="dimmed">
        {search.more
          ? t('cand.more', { limit: search.parameters.limit })
          : t('cand.below', { threshold: format.similarity(search.threshold) })}
      </Text>
    </Stack>
  )
}

function hasWords(candidate: Candidate, words: string): boolean {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return true
  const { media } = candidate
  const facts = [
    sourceName(candidate),
    capturedAt(candidate),
    ...(media?.sources ?? []).flatMap(({ note, collector, sourceUrl }) => [note, collector, sourceUrl]),
  ]
  return facts.some((fact) => fact?.toLowerCase().includes(wanted))
}

/** In the order of each group's best rank. */
function groupBy(
  candidates: readonly Candidate[],
  grouping: Grouping,
): { title: string; candidates: Candidate[] }[] {
  const keyOf = (candidate: Candidate): string => {
    if (grouping === 'photo') return sourceName(candidate) ?? candidate.mediaId
    return grouping === 'collection' ? (candidate.media?.collections[0]?.title ?? '—') : ''
  }
  return [...Map.groupBy(candidates, keyOf)].map(([title, members]) => ({ title, candidates: members }))
}

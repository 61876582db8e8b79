import { Group, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Search } from '../../ui/candidate-facts.ts'
import type { Grouping } from './group-candidates.ts'
import type { Sieve } from './sift-candidates.ts'

const GROUPINGS = ['none', 'person', 'photo', 'collection'] as const
const MARKS = ['all', 'unmarked', 'later', 'not_rejected'] as const

/** How the list is shown and what of it; by keys and without another search. */
export function CandidateFilters({
  search,
  view,
  onView,
  grouping,
  onGrouping,
  sieve,
  onSieve,
}: {
  search: Search
  view: 'grid' | 'list'
  onView: (view: 'grid' | 'list') => void
  grouping: Grouping
  onGrouping: (grouping: Grouping) => void
  sieve: Sieve
  onSieve: (sieve: Sieve) => void
}) {
  const { t } = useTranslation()
  const change = (part: Partial<Sieve>): void => onSieve({ ...sieve, ...part })
  return (
    <Group gap="sm" align="flex-end" component="section" aria-label={t('cand.filters')}>
      <SegmentedControl
        aria-label={t('cand.view')}
        value={view}
        onChange={onView}
        data={(['grid', 'list'] as const).map((value) => ({ value, label: t(`cand.${value}`) }))}
      />
      <NativeSelect
        label={t('cand.group')}
        value={grouping}
        onChange={(event) => onGrouping(event.currentTarget.value as Grouping)}
        data={GROUPINGS.map((value) => ({ value, label: t(`cand.groupBy.${value}`) }))}
      />
      <NativeSelect
        label={t('cand.marked')}
        value={sieve.marks}
        onChange={(event) => change({ marks: event.currentTarget.value as Sieve['marks'] })}
        data={MARKS.map((value) => ({ value, label: t(`cand.marksShown.${value}`) }))}
      />
      <NativeSelect
        label={t('cand.collection')}
        value={sieve.collection}
        onChange={(event) => change({ collection: event.currentTarget.value })}
        data={[
          { value: '', label: t('cand.everyCollection') },
          ...search.collections.map(({ id, title }) => ({ value: id, label: title })),
        ]}
      />
      <TextInput
        type="date"
        label={t('cand.takenSince')}
        value={sieve.since}
        onChange={(event) => change({ since: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t('cand.takenUntil')}
        value={sieve.until}
        onChange={(event) => change({ until: event.currentTarget.value })}
      />
      <TextInput
        label={t('cand.words')}
        value={sieve.words}
        onChange={(event) => change({ words: event.currentTarget.value })}
      />
    </Group>
  )
}

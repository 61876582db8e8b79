import { Button, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../api.ts'
import { useMay } from '../session.ts'
import { Loaded } from '../ui/loaded.tsx'
import { NewStandingSearch } from './new-standing-search.tsx'
import { StandingSearchList } from './standing-search-list.tsx'

/** Standing searches for a person, on the person's page. */
export function StandingSearches({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const may = useMay()
  const [adding, { open, close }] = useDisclosure()
  const searches = useQuery(apiQuery('listStandingSearches', { query: { personId: person.id } }))
  return (
    <section aria-label={t('standing.title')}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('standing.title')}</Title>
        {may('watch.change') && !person.retired && (
          <Button size="compact-md" variant="default" onClick={open}>
            {t('standing.add')}
          </Button>
        )}
      </Group>
      <Loaded query={searches}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('standing.none')}</Text>
          ) : (
            <StandingSearchList searches={items} withPerson={false} />
          )
        }
      </Loaded>
      {adding && <NewStandingSearch personId={person.id} onClose={close} />}
    </section>
  )
}

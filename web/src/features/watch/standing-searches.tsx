import { Button, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { NewStandingSearch } from './new-standing-search.tsx'
import { StandingSearchList, type StandingSearch } from './standing-search-list.tsx'

const LOOK_EVERY_MS = 2000

function isUnderWay({ state, faces, waiting }: StandingSearch): boolean {
  return state === 'running' && (faces === 0 || waiting > 0)
}

/** Standing searches for a person, on the person's page. */
export function StandingSearches({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const may = useMay()
  const [adding, { open, close }] = useDisclosure()
  const searches = useQuery({
    ...apiQuery('listStandingSearches', { query: { personId: person.id } }),
    // One that was set up just now takes a moment to know its faces, and longer to go over everything held.
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? LOOK_EVERY_MS : false),
  })
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

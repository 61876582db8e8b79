import { Alert, Button, Group, List, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { RunningImports } from '../collections/running-imports.tsx'
import { RunningJobs } from '../collections/running-jobs.tsx'
import { HomeQueues } from '../identification/home-queues.tsx'
import { useMay, useMe } from '../../session.ts'
import { CaseTable } from '../cases/case-table.tsx'
import { CreateCase } from '../cases/create-case-form.tsx'
import { HomeAlerts } from '../watch/home-alerts.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PLACES } from '../shell/navigation.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { WaitingSearches } from '../search/waiting-searches.tsx'
import { TextLink } from '../../ui/text-link.tsx'

const SHOWN_CASES = 12

/** Where the day begins: the open cases, or what the account is for when it has none. */
export function HomePage() {
  const { t } = useTranslation()
  const me = useMe()
  const may = useMay()
  return (
    <>
      <PageHead title={t('home.title', { name: me.name })} note={me.agency ?? t('home.noAgency')} />
      <Stack gap="xl">
        {me.waitingRoles.length > 0 && (
          <Alert
            title={t('home.rolesWait', {
              roles: me.waitingRoles.map((role) => t(`role.${role}`)).join(', '),
            })}
          >
            {t('home.rolesWaitHelp')}
          </Alert>
        )}
        {may('alert.read') && <HomeAlerts />}
        <HomeQueues />
        {may('collection.import') && <RunningImports />}
        {may('collection.erase') && <RunningJobs />}
        {may('search.read') && <WaitingSearches />}
        {may('case.read') ? <MyCases /> : <WhatIMay />}
      </Stack>
    </>
  )
}

function MyCases() {
  const { t } = useTranslation()
  const may = useMay()
  const [creating, { open, close }] = useDisclosure()
  const cases = useQuery(apiQuery('listCases', { query: { status: 'open', limit: SHOWN_CASES } }))
  const createButton = may('case.create') && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
      {t('case.create')}
    </Button>
  )
  return (
    <section>
      <Loaded query={cases}>
        {({ items, next }) =>
          items.length === 0 ? (
            <EmptyState
              title={t('home.noCases')}
              help={may('case.create') ? t('home.noCasesHelp') : t('home.noCasesWait')}
            >
              {createButton}
            </EmptyState>
          ) : (
            <>
              <Group justify="space-between" mb="xs">
                <Title order={2}>{t('home.myCases')}</Title>
                {createButton}
              </Group>
              <CaseTable cases={items} />
              {next !== null && <TextLink to="/cases">{t('home.allCases')}</TextLink>}
            </>
          )
        }
      </Loaded>
      <CreateCase opened={creating} onClose={close} />
    </section>
  )
}

/** For accounts without cases: what their roles are for, and where to begin. */
function WhatIMay() {
  const { t } = useTranslation()
  const { roles } = useMe()
  const may = useMay()
  return (
    <EmptyState title={t('home.yourPart')} help={roles.map((role) => t(`roleMay.${role}`)).join(' ')}>
      <List spacing={4}>
        {PLACES.filter((place) => place.for.some(may)).map(({ to, label }) => (
          <List.Item key={to}>
            <TextLink to={to}>{t(`nav.${label}`)}</TextLink>
            <Text span c="dimmed">
              {' '}
              · {t(`home.place.${label as Exclude<typeof label, 'home'>}`)}
            </Text>
          </List.Item>
        ))}
      </List>
    </EmptyState>
  )
}

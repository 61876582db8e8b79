import { Group, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { useMay } from '../../session.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { LeadTable } from './lead-table.tsx'

const SHOWN = 8

/** What waits for this account: its line-up, verifications to be given, leads to be worked on or decided. */
export function HomeQueues() {
  const may = useMay()
  return (
    <>
      {may('lineup.examine') && <OwnLineup />}
      {may('lineup.assign') && <WaitingVerifications />}
      {(may('examination.write') || may('identification.sign')) && <OpenLeads />}
    </>
  )
}

function OwnLineup() {
  const { t } = useTranslation()
  const format = useFormats()
  const lineups = useQuery(apiQuery('listLineups', { query: { limit: SHOWN } }))
  const taken = lineups.data?.items.filter(({ state }) => state === 'taken') ?? []
  if (taken.length === 0) return null
  return (
    <section>
      <Title order={2} mb={4}>
        {t('home.lineup')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('home.lineupHelp')}
      </Text>
      {taken.map(({ id, takenAt }) => (
        <TextLink key={id} to="/lineups/$lineupId" params={{ lineupId: id }}>
          {t('lineup.takenAt', { at: format.time(takenAt) })}
        </TextLink>
      ))}
    </section>
  )
}

function WaitingVerifications() {
  const { t } = useTranslation()
  const format = useFormats()
  const waiting = useQuery(apiQuery('listVerifications', { query: { state: 'waiting', limit: SHOWN } }))
  const items = waiting.data?.items ?? []
  if (items.length === 0) return null
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('home.verifications')}</Title>
        <TextLink to="/lineups">{t('ident.toQueue')}</TextLink>
      </Group>
      <Table verticalSpacing={4} maw={720}>
        <Table.Tbody>
          {items.map(({ id, caseNumber, askedAt, round }) => (
            <Table.Tr key={id}>
              <Table.Td>{format.time(askedAt)}</Table.Td>
              <Table.Td>{caseNumber}</Table.Td>
              <Table.Td>{t(`term.rounds.${round === 2 ? 'second' : 'third'}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function OpenLeads() {
  const { t } = useTranslation()
  const may = useMay()
  // Whoever may have to verify blind is not shown what others work on without asking for it.
  const scope = may('lineup.examine') ? 'own' : 'all'
  const leads = useQuery(apiQuery('listLeads', { query: { state: 'lead', scope, limit: SHOWN } }))
  const corroborated = useQuery(
    apiQuery('listLeads', { query: { state: 'corroborated', scope, limit: SHOWN } }),
  )
  const items = [...(corroborated.data?.items ?? []), ...(leads.data?.items ?? [])]
  if (items.length === 0) return null
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('home.leads')}</Title>
        <TextLink to="/identifications">{t('home.allLeads')}</TextLink>
      </Group>
      <LeadTable leads={items} />
    </section>
  )
}

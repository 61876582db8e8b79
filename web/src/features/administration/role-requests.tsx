import { Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { SecondPersonsWord } from './second-persons-word.tsx'
import { TwoLineCell } from './two-line-cell.tsx'

const STALE = ['listRoleRequests', 'listAccounts'] as const

/** Roles that wait for a second person, with their word. */
export function RoleRequests() {
  const { t } = useTranslation()
  // Who has joined since must be there to be confirmed.
  const requests = useQuery({ ...apiQuery('listRoleRequests', {}), staleTime: 0 })
  return (
    <Stack component="section" gap="xs" mb="lg" aria-label={t('admin.waiting')}>
      <Title order={2}>{t('admin.waiting')}</Title>
      <Text size="sm" c="dimmed">
        {t('admin.waitingHelp')}
      </Text>
      <Loaded query={requests}>
        {(rows) =>
          rows.length === 0 ? <Text c="dimmed">{t('admin.noWaiting')}</Text> : <Requests rows={rows} />
        }
      </Loaded>
    </Stack>
  )
}

function Requests({ rows }: { rows: Reply<'listRoleRequests'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('admin.name')}</Table.Th>
            <Table.Th>{t('admin.agency')}</Table.Th>
            <Table.Th>{t('admin.role')}</Table.Th>
            <Table.Th>{t('admin.askedBy')}</Table.Th>
            <Table.Th>{t('admin.secondPerson')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id}>
              <TwoLineCell main={row.name} below={row.email} />
              <Table.Td>{row.agency}</Table.Td>
              <Table.Td>{t(`role.${row.role}`)}</Table.Td>
              <TwoLineCell main={row.askedBy} below={format.time(row.askedAt)} />
              <Table.Td>
                {row.mayConfirm ? <Word request={row} /> : <Text size="sm">{t('admin.forOthers')}</Text>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Word({ request: { id, name, role } }: { request: Reply<'listRoleRequests'>[number] }) {
  const { t } = useTranslation()
  const confirm = useApi('confirmRole', STALE)
  const refuse = useApi('refuseRole', STALE)
  const what = `${name}, ${t(`role.${role}`)}`
  return <SecondPersonsWord id={id} what={what} yes={t('admin.confirm')} accept={confirm} refuse={refuse} />
}

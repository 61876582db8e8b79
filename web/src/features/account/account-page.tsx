import { Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ApiKeys } from './api-keys.tsx'
import { Passkeys } from './passkey-list.tsx'
import { ChangePassword, RenewRecoveryCodes } from './password.tsx'
import { apiQuery, useApi } from '../../api.ts'
import { NoticeChoice } from './notice-choice.tsx'
import { useMay, useMe } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** The own account: where it is signed in, how it signs in, its keys. */
export function AccountPage() {
  const { t } = useTranslation()
  const me = useMe()
  const may = useMay()
  return (
    <>
      <PageHead title={me.name} note={me.roles.map((role) => t(`role.${role}`)).join(', ')} />
      <Stack gap="xl">
        <Sessions />
        <Passkeys />
        <ChangePassword />
        <RenewRecoveryCodes />
        {may('alert.read') && <NoticeChoice />}
        <ApiKeys />
      </Stack>
    </>
  )
}

function Sessions() {
  const { t } = useTranslation()
  const format = useFormats()
  const sessions = useQuery(apiQuery('listMySessions', {}))
  const end = useApi('endMySession', ['listMySessions'])
  return (
    <section>
      <Title order={2} mb="xs">
        {t('account.sessions')}
      </Title>
      <Loaded query={sessions}>
        {(rows) => (
          <Table.ScrollContainer minWidth={640}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('account.device')}</Table.Th>
                  <Table.Th>{t('account.address')}</Table.Th>
                  <Table.Th>{t('account.lastUsed')}</Table.Th>
                  <Table.Th>{t('account.ends')}</Table.Th>
                  <Table.Th>{t('account.end')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>
                      <Group gap="xs">
                        <Text size="sm">{row.device}</Text>
                        {row.current && <Badge variant="default">{t('account.thisOne')}</Badge>}
                      </Group>
                    </Table.Td>
                    <Table.Td>{row.address}</Table.Td>
                    <Table.Td>{format.time(row.lastUsedAt)}</Table.Td>
                    <Table.Td>{format.time(row.endsAt)}</Table.Td>
                    <Table.Td>
                      {!row.current && (
                        <Button
                          size="compact-sm"
                          variant="default"
                          onClick={() => end.mutate({ params: { id: row.id } })}
                        >
                          {t('account.end')}
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Loaded>
    </section>
  )
}

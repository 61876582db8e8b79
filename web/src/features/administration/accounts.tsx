import { Badge, Button, Group, Modal, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay, useMe } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { RoleChoice } from './role-choice.tsx'
import { SuspendButton } from './suspend-button.tsx'

type Account = Reply<'listAccounts'>[number]

/** Who may sign in, as what, and from where. */
export function Accounts() {
  const { t } = useTranslation()
  const format = useFormats()
  const me = useMe()
  // Who has joined since must be there to be cut off.
  const accounts = useQuery({ ...apiQuery('listAccounts', {}), staleTime: 0 })
  const [shown, setShown] = useState<Account>()
  return (
    <>
      <Loaded query={accounts}>
        {(rows) => (
          <Table.ScrollContainer minWidth={820}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('admin.name')}</Table.Th>
                  <Table.Th>{t('admin.agency')}</Table.Th>
                  <Table.Th>{t('admin.roles')}</Table.Th>
                  <Table.Th>{t('admin.lastSeen')}</Table.Th>
                  <Table.Th>{t('admin.access')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>
                      <Text size="sm" fw={500}>
                        {row.name}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {row.email}
                      </Text>
                    </Table.Td>
                    <Table.Td>{row.agency ?? '—'}</Table.Td>
                    <Table.Td>
                      {row.roles.map((role) => t(`role.${role}`)).join(', ')}
                      {row.waitingRoles.length > 0 && (
                        <Text size="xs" c="dimmed">
                          {t('admin.waitingFor', {
                            roles: row.waitingRoles.map((role) => t(`role.${role}`)).join(', '),
                          })}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      {row.lastSeenAt === null ? t('admin.never') : format.time(row.lastSeenAt)}
                    </Table.Td>
                    <Table.Td>
                      <Group gap="xs" wrap="nowrap">
                        <Button
                          size="compact-sm"
                          variant="default"
                          onClick={() => setShown(row)}
                          aria-label={`${t('admin.details')}: ${row.name}`}
                        >
                          {t('admin.details')}
                        </Button>
                        {row.suspended && <Badge color="dark">{t('admin.suspended')}</Badge>}
                        {!row.suspended && row.id !== me.accountId && (
                          <SuspendButton kind="account" targetId={row.id} name={row.name} />
                        )}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Loaded>
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown?.name}
        size="xl"
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {shown !== undefined && <AccountDetails account={shown} onDone={() => setShown(undefined)} />}
      </Modal>
    </>
  )
}

function AccountDetails({ account, onDone }: { account: Account; onDone: () => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [roles, setRoles] = useState([...account.roles, ...account.waitingRoles])
  const change = useApi('changeRoles', ['listAccounts', 'listRoleRequests'])
  const sessions = useQuery(apiQuery('listSessionsOf', { params: { id: account.id } }))
  const devices = useQuery(apiQuery('listDevicesOf', { params: { id: account.id } }))
  return (
    <Stack>
      {may('account.change') && (
        <>
          <RoleChoice value={roles} onChange={setRoles} />
          <ProblemAlert error={change.error} />
          <Group>
            <Button
              loading={change.isPending}
              disabled={roles.length === 0}
              onClick={() =>
                change.mutate({ params: { id: account.id }, body: { roles } }, { onSuccess: onDone })
              }
            >
              {t('admin.changeRoles')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('admin.changeRolesHelp')}
            </Text>
          </Group>
        </>
      )}
      <Text fw={600}>{t('admin.sessions')}</Text>
      <Loaded query={sessions}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('admin.noSessions')}
            </Text>
          ) : (
            <Table>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>{row.device}</Table.Td>
                    <Table.Td>{row.address}</Table.Td>
                    <Table.Td>{format.time(row.lastUsedAt)}</Table.Td>
                    <Table.Td>
                      <SuspendButton kind="session" targetId={row.id} name={row.device} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
      <Text fw={600}>{t('admin.devices')}</Text>
      <Loaded query={devices}>
        {(rows) => (
          <Table>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.id}>
                  <Table.Td>{row.label}</Table.Td>
                  <Table.Td>{format.time(row.firstSeenAt)}</Table.Td>
                  <Table.Td>
                    {row.approval !== null &&
                      t(`admin.deviceIs.${row.approval}`, { name: row.settledBy ?? '' })}
                  </Table.Td>
                  <Table.Td>
                    <SuspendButton kind="device" targetId={row.id} name={row.label} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </Stack>
  )
}

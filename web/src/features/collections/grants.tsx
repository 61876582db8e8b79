import { Button, Group, NativeSelect, Stack, Table, Text, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Which other agencies may search a collection, and letting another one. */
export function Grants({ collectionId }: { collectionId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const params = { id: collectionId }
  const grants = useQuery(apiQuery('listGrants', { params }))
  const revoke = useApi('revokeCollection', ['listGrants'])
  const canChange = may('collection.change')
  const askToRevoke = (agencyId: string, agency: string): void =>
    void modals.openConfirmModal({
      title: t('grant.revokeTitle', { agency }),
      children: <Text size="sm">{t('grant.revokeHelp')}</Text>,
      labels: { confirm: t('grant.revoke'), cancel: t('common.cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: () => revoke.mutate({ params: { id: collectionId, agencyId } }),
    })
  return (
    <section>
      <Title order={2} mb={4}>
        {t('grant.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('grant.help')}
      </Text>
      <Stack>
        <ProblemAlert error={revoke.error} />
        <Loaded query={grants}>
          {(rows) => (
            <>
              {rows.length === 0 ? (
                <Text size="sm">{t('grant.none')}</Text>
              ) : (
                <Table verticalSpacing={6} maw={720}>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('admin.agency')}</Table.Th>
                      <Table.Th>{t('grant.by')}</Table.Th>
                      <Table.Th>{t('admin.since')}</Table.Th>
                      {canChange && <Table.Th>{t('grant.revoke')}</Table.Th>}
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map(({ agencyId, agency, grantedBy, grantedAt }) => (
                      <Table.Tr key={agencyId}>
                        <Table.Td>{agency}</Table.Td>
                        <Table.Td>{grantedBy}</Table.Td>
                        <Table.Td>{format.time(grantedAt)}</Table.Td>
                        {canChange && (
                          <Table.Td>
                            <Button
                              size="compact-sm"
                              variant="default"
                              aria-label={`${t('grant.revoke')}: ${agency}`}
                              onClick={() => askToRevoke(agencyId, agency)}
                            >
                              {t('grant.revoke')}
                            </Button>
                          </Table.Td>
                        )}
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              )}
              {canChange && (
                <NewGrant collectionId={collectionId} granted={rows.map(({ agencyId }) => agencyId)} />
              )}
            </>
          )}
        </Loaded>
      </Stack>
    </section>
  )
}

function NewGrant({ collectionId, granted }: { collectionId: string; granted: readonly string[] }) {
  const { t } = useTranslation()
  const directory = useQuery(apiQuery('readDirectory', {}))
  const grant = useApi('grantCollection', ['listGrants'])
  const [agencyId, setAgencyId] = useState('')
  const others = (directory.data?.agencies ?? []).filter((agency) => !granted.includes(agency.agencyId))
  if (directory.isSuccess && others.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('grant.noOther')}
      </Text>
    )
  return (
    <>
      <ProblemAlert error={grant.error ?? directory.error} />
      <Group align="flex-end">
        <NativeSelect
          label={t('grant.to')}
          value={agencyId}
          onChange={(event) => setAgencyId(event.currentTarget.value)}
          data={[
            { value: '', label: t('grant.choose') },
            ...others.map((agency) => ({ value: agency.agencyId, label: agency.name })),
          ]}
        />
        <Button
          disabled={agencyId === ''}
          loading={grant.isPending}
          onClick={() =>
            grant.mutate({ params: { id: collectionId, agencyId } }, { onSuccess: () => setAgencyId('') })
          }
        >
          {t('grant.act')}
        </Button>
      </Group>
    </>
  )
}

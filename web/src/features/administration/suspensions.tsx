import { Button, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** What is cut off now, by whom and why; letting it in again is an act of its own. */
export function Suspensions() {
  const { t } = useTranslation()
  const format = useFormats()
  const suspensions = useQuery(apiQuery('listSuspensions', {}))
  const accounts = useQuery(apiQuery('listAccounts', {}))
  const nameOf = (id: string): string =>
    accounts.data?.find((account) => account.id === id)?.name ?? id.slice(-8)
  return (
    <Loaded query={suspensions}>
      {(rows) =>
        rows.length === 0 ? (
          <Text c="dimmed">{t('admin.noSuspensions')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={720}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('admin.what')}</Table.Th>
                  <Table.Th>{t('common.reason')}</Table.Th>
                  <Table.Th>{t('admin.by')}</Table.Th>
                  <Table.Th>{t('admin.since')}</Table.Th>
                  <Table.Th>{t('admin.access')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>
                      {t(`admin.kind.${row.kind}`)}: {nameOf(row.targetId)}
                    </Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.reason}</Table.Td>
                    <Table.Td>{row.suspendedBy}</Table.Td>
                    <Table.Td>{format.time(row.suspendedAt)}</Table.Td>
                    <Table.Td>
                      <Lift suspension={row} name={nameOf(row.targetId)} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )
      }
    </Loaded>
  )
}

function Lift({ suspension, name }: { suspension: Reply<'listSuspensions'>[number]; name: string }) {
  const { t } = useTranslation()
  const [asking, { open, close }] = useDisclosure()
  const lift = useApi('liftSuspension', ['listSuspensions', 'listAccounts', 'listAgencies'])
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open} aria-label={`${t('admin.lift')}: ${name}`}>
        {t('admin.lift')}
      </Button>
      <ReasonDialog
        opened={asking}
        title={t('admin.liftTitle', { name })}
        warning={t('admin.liftWarning')}
        act={t('admin.lift')}
        busy={lift.isPending}
        error={lift.error}
        onClose={close}
        onReason={(reason) =>
          lift.mutate({ params: { id: suspension.id }, body: { reason } }, { onSuccess: close })
        }
      />
    </>
  )
}

import { Stack, Switch, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { SecondPersonsWord } from './second-persons-word.tsx'
import { TwoLineCell } from './two-line-cell.tsx'

const STALE = ['showDeviceApproval', 'listDevicesOf', 'listSuspensions'] as const

type Approval = Reply<'showDeviceApproval'>

/** Whether new devices wait for approval, and those that do. */
export function Devices() {
  const { t } = useTranslation()
  const approval = useQuery({ ...apiQuery('showDeviceApproval', {}), staleTime: 0 })
  return (
    <Loaded query={approval}>
      {({ required, devices }) => (
        <Stack>
          {required !== null && <Choice required={required} />}
          <Stack component="section" gap="xs" aria-label={t('admin.devicesWait')}>
            <Title order={2}>{t('admin.devicesWait')}</Title>
            <Text size="sm" c="dimmed">
              {t('admin.devicesWaitHelp')}
            </Text>
            {devices.length === 0 ? (
              <Text c="dimmed">{t('admin.noDevicesWait')}</Text>
            ) : (
              <Waiting devices={devices} />
            )}
          </Stack>
        </Stack>
      )}
    </Loaded>
  )
}

function Choice({ required }: { required: boolean }) {
  const { t } = useTranslation()
  const may = useMay()
  const choose = useApi('chooseDeviceApproval', STALE)
  return (
    <>
      <Switch
        label={t('admin.approveDevices')}
        description={t('admin.approveDevicesHelp')}
        checked={required}
        disabled={!may('account.change') || choose.isPending}
        onChange={(event) => choose.mutate({ body: { required: event.currentTarget.checked } })}
      />
      <ProblemAlert error={choose.error} />
    </>
  )
}

function Waiting({ devices }: { devices: Approval['devices'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('admin.name')}</Table.Th>
            <Table.Th>{t('admin.agency')}</Table.Th>
            <Table.Th>{t('account.device')}</Table.Th>
            <Table.Th>{t('account.address')}</Table.Th>
            <Table.Th>{t('admin.secondPerson')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {devices.map((row) => (
            <Table.Tr key={row.id}>
              <TwoLineCell main={row.name} below={row.email} />
              <Table.Td>{row.agency}</Table.Td>
              <TwoLineCell main={row.label} below={format.time(row.askedAt)} />
              <Table.Td>{row.address}</Table.Td>
              <Table.Td>
                {row.mayApprove ? <Word device={row} /> : <Text size="sm">{t('admin.forOthers')}</Text>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Word({ device: { id, name, label } }: { device: Approval['devices'][number] }) {
  const { t } = useTranslation()
  const approve = useApi('approveDevice', STALE)
  const refuse = useApi('refuseDevice', STALE)
  const what = `${name}, ${label}`
  return <SecondPersonsWord id={id} what={what} yes={t('admin.approve')} accept={approve} refuse={refuse} />
}

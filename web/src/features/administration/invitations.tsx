import {
  Alert,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  NativeSelect,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Role } from '../../../../src/contract/roles.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { CodeButton } from './code-button.tsx'
import { RoleChoice } from './role-choice.tsx'
import { TwoLineCell } from './two-line-cell.tsx'

/** Who was invited and has not come yet. */
export function Invitations() {
  const { t } = useTranslation()
  const format = useFormats()
  const [inviting, { open, close }] = useDisclosure()
  const may = useMay()
  const invitations = useQuery({ ...apiQuery('listInvitations', {}), staleTime: 0 })
  return (
    <>
      {may('account.invite') && (
        <Button mb="md" leftSection={<IconUserPlus size={18} aria-hidden />} onClick={open}>
          {t('admin.invite')}
        </Button>
      )}
      <Loaded query={invitations}>
        {(rows) =>
          rows.length === 0 ? (
            <Text c="dimmed">{t('admin.noInvitations')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('admin.name')}</Table.Th>
                    <Table.Th>{t('admin.roles')}</Table.Th>
                    <Table.Th>{t('admin.invitedBy')}</Table.Th>
                    <Table.Th>{t('admin.expires')}</Table.Th>
                    <Table.Th>{t('admin.code')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.id}>
                      <TwoLineCell main={row.name} below={row.email} />
                      <Table.Td>{row.roles.map((role) => t(`role.${role}`)).join(', ')}</Table.Td>
                      <Table.Td>{row.invitedBy}</Table.Td>
                      <Table.Td>{format.time(row.expiresAt)}</Table.Td>
                      <Table.Td>
                        {row.mayGiveCode && <CodeButton invitationId={row.id} name={row.name} />}
                        {!row.mayGiveCode && (row.needsCode ? t('admin.forOthers') : '—')}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      <Modal
        opened={inviting}
        onClose={close}
        title={t('admin.invite')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <InviteForm onClose={close} />
      </Modal>
    </>
  )
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const may = useMay()
  const runsInstance = may('agency.list')
  const agencies = useQuery({ ...apiQuery('listAgencies', {}), enabled: runsInstance })
  const invite = useApi('invite', ['listInvitations'])
  const form = useForm({ initialValues: { email: '', name: '', agencyId: '', roles: [] as Role[] } })
  if (invite.data !== undefined) {
    return <Invited invitation={invite.data} onClose={onClose} />
  }
  const submit = form.onSubmit(({ agencyId, roles, ...who }) => {
    const body =
      runsInstance && agencyId === ''
        ? { ...who, roles: ['operator' as const] }
        : { ...who, roles, ...(agencyId === '' ? {} : { agencyId }) }
    invite.mutate({ body })
  })
  const forAgency = !runsInstance || form.values.agencyId !== ''
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t('auth.name')}
            required
            maxLength={200}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <TextInput label={t('auth.email')} type="email" required {...form.getInputProps('email')} />
        </Group>
        {runsInstance && (
          <NativeSelect
            label={t('admin.agency')}
            data={[
              { value: '', label: t('admin.noAgency') },
              ...(agencies.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.getInputProps('agencyId')}
          />
        )}
        {forAgency && (
          <RoleChoice
            value={form.values.roles}
            onChange={(roles) => form.setFieldValue('roles', roles)}
            {...(runsInstance ? { of: ['administrator'] } : {})}
          />
        )}
        <ProblemAlert error={invite.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            loading={invite.isPending}
            disabled={forAgency && form.values.roles.length === 0}
          >
            {t('admin.makeLink')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Invited({
  invitation: { link, name, email, needsCode },
  onClose,
}: {
  invitation: Reply<'invite'>
  onClose: () => void
}) {
  const { t } = useTranslation()
  if (link === null) {
    return (
      <Stack>
        <Alert>{t('admin.linkSent', { name, email })}</Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('common.done')}</Button>
        </Group>
      </Stack>
    )
  }
  return (
    <Stack>
      <Alert title={t('admin.linkFor', { name })}>
        {t('admin.linkHelp')} {needsCode && t('admin.linkNeedsCode')}
      </Alert>
      <Code block data-testid="invitation-link" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {link}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t('common.copied') : t('common.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{t('common.done')}</Button>
      </Group>
    </Stack>
  )
}

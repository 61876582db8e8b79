import { ActionIcon, Button, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUserMinus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

type CaseFile = Reply<'showCase'>

/** Opens a dialog in which a case's title, lead, retention, members and agencies are changed. */
export function EditCase({ file }: { file: CaseFile }) {
  const { t } = useTranslation()
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('case.edit')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('case.edit')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Stack gap="xl">
          <Facts file={file} onClose={close} />
          <People file={file} />
        </Stack>
      </Modal>
    </>
  )
}

function Facts({ file, onClose }: { file: CaseFile; onClose: () => void }) {
  const { t } = useTranslation()
  const directory = useQuery(apiQuery('readDirectory', {}))
  const change = useApi('changeCase', ['showCase', 'listCases', 'showTimeline'])
  const [title, setTitle] = useState(file.title)
  const [leadId, setLeadId] = useState(file.leadId)
  const [retention, setRetention] = useState(file.retentionUntil ?? '')
  const leads = (directory.data?.colleagues ?? []).filter(
    ({ accountId, roles }) =>
      accountId === file.leadId || roles.some((role) => role === 'examiner' || role === 'supervisor'),
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const body = { title, leadId, retentionUntil: retention === '' ? null : retention }
        change.mutate({ params: { id: file.id }, body }, { onSuccess: onClose })
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('case.title')}
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Group grow align="flex-start">
          <NativeSelect
            label={t('case.lead')}
            value={leadId}
            onChange={(event) => setLeadId(event.currentTarget.value)}
            data={
              leads.length === 0
                ? [{ value: file.leadId, label: file.lead }]
                : leads.map(({ accountId, name }) => ({ value: accountId, label: name }))
            }
          />
          <TextInput
            type="date"
            label={t('case.retention')}
            value={retention}
            onChange={(event) => setRetention(event.currentTarget.value)}
          />
        </Group>
        <ProblemAlert error={change.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={title.trim() === ''}>
            {t('case.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Who besides the lead works on the case; each change is made at once. */
function People({ file }: { file: CaseFile }) {
  const { t } = useTranslation()
  const stale = ['showCase', 'showTimeline'] as const
  const directory = useQuery(apiQuery('readDirectory', {}))
  const add = useApi('addToCase', stale)
  const remove = useApi('removeFromCase', stale)
  const params = { id: file.id }
  const entries = [
    ...file.members.map(({ accountId, name }) => ({ id: accountId, name, kind: t('admin.kind.account') })),
    ...file.agencies.map(({ agencyId, name }) => ({ id: agencyId, name, kind: t('admin.kind.agency') })),
  ]
  const here = new Set([file.leadId, ...entries.map(({ id }) => id)])
  return (
    <Stack gap="sm">
      <Title order={3}>{t('case.members')}</Title>
      <ProblemAlert error={add.error ?? remove.error} />
      {entries.length === 0 && <Text size="sm">{t('case.nobodyElse')}</Text>}
      {entries.map(({ id, name, kind }) => (
        <Group key={id} justify="space-between" wrap="nowrap">
          <Text size="sm">
            {name}{' '}
            <Text span inherit c="dimmed">
              · {kind}
            </Text>
          </Text>
          <ActionIcon
            variant="default"
            aria-label={t('case.remove', { name })}
            onClick={() => remove.mutate({ params: { id: file.id, who: id } })}
          >
            <IconUserMinus size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Loaded query={directory}>
        {({ colleagues, agencies }) => (
          <Group grow align="flex-end">
            <NativeSelect
              label={t('case.addColleague')}
              value=""
              onChange={(event) =>
                event.currentTarget.value !== '' &&
                add.mutate({ params, body: { accountId: event.currentTarget.value } })
              }
              data={[
                { value: '', label: t('grant.choose') },
                ...colleagues
                  .filter(({ accountId }) => !here.has(accountId))
                  .map(({ accountId, name, roles }) => ({
                    value: accountId,
                    label: `${name} (${roles.map((role) => t(`role.${role}`)).join(', ')})`,
                  })),
              ]}
            />
            <NativeSelect
              label={t('case.addAgency')}
              value=""
              onChange={(event) =>
                event.currentTarget.value !== '' &&
                add.mutate({ params, body: { agencyId: event.currentTarget.value } })
              }
              data={[
                { value: '', label: t('grant.choose') },
                ...agencies
                  .filter(({ agencyId }) => !here.has(agencyId))
                  .map(({ agencyId, name }) => ({ value: agencyId, label: name })),
              ]}
            />
          </Group>
        )}
      </Loaded>
    </Stack>
  )
}

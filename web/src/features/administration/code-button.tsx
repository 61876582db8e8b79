import { Alert, Button, Code, Group, Modal, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Makes the code that an invitee needs beside the link, and shows it this once. */
export function CodeButton({ invitationId, name }: { invitationId: string; name: string }) {
  const { t } = useTranslation()
  const give = useApi('giveInvitationCode')
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        loading={give.isPending}
        aria-label={`${t('admin.giveCode')}: ${name}`}
        onClick={() => give.mutate({ params: { id: invitationId }, body: {} })}
      >
        {t('admin.giveCode')}
      </Button>
      <ProblemAlert error={give.error} />
      <Modal
        opened={give.data !== undefined}
        onClose={() => give.reset()}
        title={t('admin.codeFor', { name })}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Stack>
          <Alert>{t('admin.codeHelp')}</Alert>
          <Code block fz="xl" data-testid="invitation-code">
            {give.data?.code}
          </Code>
          <Group justify="flex-end">
            <Button onClick={() => give.reset()}>{t('common.done')}</Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

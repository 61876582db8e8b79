import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'

/** Cuts off an agency, account, device or session at once, after a reason was given. */
export function SuspendButton({
  kind,
  targetId,
  name,
}: {
  kind: 'agency' | 'account' | 'device' | 'session'
  targetId: string
  name: string
}) {
  const { t } = useTranslation()
  const [asking, { open, close }] = useDisclosure()
  const suspend = useApi('suspend', ['listAccounts', 'listAgencies', 'listSuspensions', 'listSessionsOf'])
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={open}
        aria-label={`${t('admin.suspend')}: ${name}`}
      >
        {t('admin.suspend')}
      </Button>
      <ReasonDialog
        opened={asking}
        title={t('admin.suspendTitle', { name })}
        warning={t(`admin.suspendWarning.${kind}`)}
        act={t('admin.suspend')}
        busy={suspend.isPending}
        error={suspend.error}
        onClose={close}
        onReason={(reason) => suspend.mutate({ body: { kind, targetId, reason } }, { onSuccess: close })}
      />
    </>
  )
}

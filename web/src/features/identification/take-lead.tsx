import { Button, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Takes a candidate as a lead, and goes to it. */
export function TakeLead({
  searchId,
  rank,
  probeFaceId,
}: {
  searchId: string
  rank: number
  probeFaceId: string | undefined
}) {
  const { t } = useTranslation()
  const may = useMay()
  const navigate = useNavigate()
  const open = useApi('openIdentification', ['listIdentifications', 'listLeads'])
  if (!may('identification.open')) return null
  const ask = (): void =>
    void modals.openConfirmModal({
      title: t('ident.take'),
      children: <Text size="sm">{t('ident.takeHelp')}</Text>,
      labels: { confirm: t('ident.take'), cancel: t('common.cancel') },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: () =>
        open.mutate(
          { params: { id: searchId, rank }, body: { probeFaceId } },
          {
            onSuccess: ({ id }) =>
              void navigate({
                to: '/identifications/$identificationId',
                params: { identificationId: id },
              }),
          },
        ),
    })
  return (
    <>
      <Button loading={open.isPending} onClick={ask}>
        {t('ident.take')}
      </Button>
      <ProblemAlert error={open.error} />
    </>
  )
}

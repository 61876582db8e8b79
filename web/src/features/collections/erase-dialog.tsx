import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'

/** Erases photos of a collection, with a reason; says what went. */
export function EraseDialog({
  collectionId,
  media,
  opened,
  onClose,
  onErased,
}: {
  collectionId: string
  media: readonly string[]
  opened: boolean
  onClose: () => void
  onErased: () => void
}) {
  const { t } = useTranslation()
  const erase = useApi('eraseFromCollection', ['browseCollection', 'listCollections'])
  return (
    <ReasonDialog
      title={t('erase.title', { count: media.length })}
      warning={t('erase.warning')}
      act={t('erase.act')}
      opened={opened}
      busy={erase.isPending}
      error={erase.error}
      onClose={onClose}
      onReason={(reason) =>
        erase.mutate(
          { params: { id: collectionId }, body: { media: [...media], reason } },
          {
            onSuccess: ({ media: gone, faces, sources }) => {
              onClose()
              onErased()
              notifications.show({
                message: [
                  t('erase.done', { count: gone, faces }),
                  ...(sources === 0 ? [] : [t('erase.stay', { count: sources })]),
                ].join(' '),
              })
            },
          },
        )
      }
    />
  )
}

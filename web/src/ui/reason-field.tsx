import { Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Why something is done, in the words of who does it; goes into the record. */
export function ReasonField({
  reason,
  onReason,
  first = false,
}: {
  reason: string
  onReason: (reason: string) => void
  /** The dialog begins here. */
  first?: boolean
}) {
  const { t } = useTranslation()
  return (
    <Textarea
      label={t('common.reason')}
      description={t('common.reasonHelp')}
      required
      autosize
      minRows={2}
      maxLength={4000}
      {...(first && { 'data-autofocus': true })}
      value={reason}
      onChange={(event) => onReason(event.currentTarget.value)}
    />
  )
}

import { Alert } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { PersonPicker } from './person-picker.tsx'
import { ReasonField } from '../../ui/reason-field.tsx'

/** Merges another record of the same human being into this one. */
export function MergeDialog({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const merge = useApi('mergePeople', ['showPerson', 'listPeople'])
  const [otherId, setOtherId] = useState<string>()
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title={t('person.merge')}
      act={t('person.merge')}
      opened
      size="lg"
      busy={merge.isPending}
      error={merge.error}
      disabled={otherId === undefined}
      onClose={onClose}
      onSubmit={() => {
        if (otherId !== undefined)
          merge.mutate({ params: { id: personId }, body: { otherId, reason } }, { onSuccess: onClose })
      }}
    >
      <Alert color="yellow">{t('person.mergeHelp')}</Alert>
      <PersonPicker chosen={otherId} without={personId} onChoose={setOtherId} />
      <ReasonField reason={reason} onReason={setReason} />
    </FormDialog>
  )
}

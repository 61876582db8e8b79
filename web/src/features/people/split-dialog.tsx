import { Alert, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ReasonField } from '../../ui/reason-field.tsx'

/** Splits faces of somebody else off into a record of their own, under a name or a number. */
export function SplitDialog({
  personId,
  faces,
  onClose,
  onSplit,
}: {
  personId: string
  faces: readonly string[]
  onClose: () => void
  onSplit: (id: string) => void
}) {
  const { t } = useTranslation()
  const split = useApi('splitPerson', ['showPerson', 'listPeople'])
  const [name, setName] = useState('')
  const [ref, setRef] = useState('')
  const [reason, setReason] = useState('')
  const isDesignated = name.trim() !== '' || ref.trim() !== ''
  return (
    <FormDialog
      title={t('person.split', { count: faces.length })}
      act={t('person.split', { count: faces.length })}
      opened
      busy={split.isPending}
      error={split.error}
      disabled={!isDesignated || reason.trim() === ''}
      onClose={onClose}
      onSubmit={() =>
        split.mutate(
          {
            params: { id: personId },
            body: {
              faces: [...faces],
              ...(name.trim() === '' ? {} : { name: name.trim() }),
              ...(ref.trim() === '' ? {} : { ref: ref.trim() }),
              reason,
            },
          },
          { onSuccess: ({ id }) => onSplit(id) },
        )
      }
    >
      <Alert color="yellow">{t('person.splitHelp')}</Alert>
      <TextInput
        label={t('person.name')}
        description={t('person.needsName')}
        maxLength={500}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('person.ref')}
        maxLength={500}
        value={ref}
        onChange={(event) => setRef(event.currentTarget.value)}
      />
      <ReasonField reason={reason} onReason={setReason} />
    </FormDialog>
  )
}

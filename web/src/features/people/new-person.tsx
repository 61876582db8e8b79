import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { bodyOf, EMPTY_PERSON, lacksDesignation, PersonFields, type PersonValues } from './person-fields.tsx'

/** Opens a record of a person. */
export function NewPerson({ onClose, onCreated }: { onClose: () => void; onCreated: (id: string) => void }) {
  const { t } = useTranslation()
  const create = useApi('createPerson', ['listPeople'])
  const form = useForm<PersonValues>({
    initialValues: EMPTY_PERSON,
    validate: { ref: (_ref, values) => (lacksDesignation(values) ? t('person.needsName') : null) },
  })
  return (
    <FormDialog
      title={t('person.create')}
      act={t('person.create')}
      opened
      size="xl"
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={() => {
        if (form.validate().hasErrors) return
        create.mutate({ body: bodyOf(form.values) }, { onSuccess: ({ id }) => onCreated(id) })
      }}
    >
      <PersonFields form={form} />
    </FormDialog>
  )
}

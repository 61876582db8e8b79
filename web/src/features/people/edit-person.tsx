import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { bodyOf, lacksDesignation, PersonFields, valuesOf, type PersonValues } from './person-fields.tsx'

/** Changes what stands about a person. */
export function EditPerson({ person, onClose }: { person: Reply<'showPerson'>; onClose: () => void }) {
  const { t } = useTranslation()
  const change = useApi('changePerson', ['showPerson', 'listPeople'])
  const form = useForm<PersonValues>({
    initialValues: valuesOf(person),
    validate: { ref: (_ref, values) => (lacksDesignation(values) ? t('person.needsName') : null) },
  })
  return (
    <FormDialog
      title={t('person.edit')}
      act={t('case.save')}
      opened
      size="xl"
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSubmit={() => {
        if (form.validate().hasErrors) return
        change.mutate({ params: { id: person.id }, body: bodyOf(form.values) }, { onSuccess: onClose })
      }}
    >
      <PersonFields form={form} />
    </FormDialog>
  )
}

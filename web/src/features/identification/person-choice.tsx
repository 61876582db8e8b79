import { Button, Group, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { NewPerson } from '../people/new-person.tsx'
import { PersonPicker } from '../people/person-picker.tsx'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { STALE, type Identification } from './identification.ts'

/** The person that it would be an identification of. */
export function PersonChoice({
  identification,
  isOpen,
}: {
  identification: Identification
  isOpen: boolean
}) {
  const { t } = useTranslation()
  const may = useMay()
  const [asking, setAsking] = useState<'choose' | 'create'>()
  const [chosen, setChosen] = useState<string>()
  const name = useApi('namePerson', STALE)
  const link = useApi('linkFace', ['showPerson'])
  const { id, personId, personNames, faceId, state } = identification
  const canName = isOpen && may('corroboration.change')
  const keep = (person: string): void =>
    name.mutate({ params: { id }, body: { personId: person } }, { onSuccess: () => setAsking(undefined) })
  return (
    <section>
      <Title order={2} mb="xs">
        {t('ident.person')}
      </Title>
      {personId === null ? (
        <Text size="sm" mb="xs">
          {t('ident.noPerson')}
        </Text>
      ) : (
        <Text mb="xs">
          {may('person.read') ? (
            <TextLink to="/people/$personId" params={{ personId }}>
              {personNames.join(' · ') || t('person.unnamed')}
            </TextLink>
          ) : (
            personNames.join(' · ')
          )}
        </Text>
      )}
      <Group gap="xs">
        {canName && (
          <Button size="compact-md" variant="default" onClick={() => setAsking('choose')}>
            {personId === null ? t('ident.namePerson') : t('ident.nameOther')}
          </Button>
        )}
        {canName && may('person.change') && (
          <Button size="compact-md" variant="default" onClick={() => setAsking('create')}>
            {t('person.create')}
          </Button>
        )}
        {state === 'identified' && personId !== null && may('person.change') && (
          <Button
            size="compact-md"
            variant="default"
            loading={link.isPending}
            disabled={link.isSuccess}
            onClick={() => link.mutate({ params: { id: personId, faceId }, body: { link: 'same' } })}
          >
            {link.isSuccess ? t('ident.faceLinked') : t('ident.linkFace')}
          </Button>
        )}
      </Group>
      <ProblemAlert error={link.error} />
      {asking === 'choose' && (
        <FormDialog
          title={t('ident.namePerson')}
          act={t('ident.namePerson')}
          opened
          size="lg"
          busy={name.isPending}
          error={name.error}
          disabled={chosen === undefined}
          onClose={() => setAsking(undefined)}
          onSubmit={() => keep(chosen!)}
        >
          <PersonPicker chosen={chosen} onChoose={setChosen} />
        </FormDialog>
      )}
      {asking === 'create' && <NewPerson onClose={() => setAsking(undefined)} onCreated={keep} />}
    </section>
  )
}

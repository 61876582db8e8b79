import {
  Alert,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Paper,
  SimpleGrid,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RECORD_BASES, type RecordBasis } from '../../../../src/contract/missing-words.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { Term } from '../../ui/fact.tsx'

type Person = Reply<'showPerson'>
type Disappearance = NonNullable<Reply<'showDisappearance'>['disappearance']>

const NEW_BASIS: RecordBasis = 'consent'

const TEXTS = ['lastSeenOn', 'lastSeenPlace', 'marks', 'clothing', 'circumstances', 'photoUrls'] as const

/** How somebody went missing or was found, on what the record rests, how long it is kept. */
export function DisappearanceSection({ person }: { person: Person }) {
  const { t } = useTranslation()
  const may = useMay()
  const [editing, setEditing] = useState(false)
  const query = useQuery(apiQuery('showDisappearance', { params: { id: person.id } }))
  return (
    <section aria-label={t('missing.facts')}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('missing.facts')}</Title>
        {may('person.change') && !person.retired && query.isSuccess && (
          <Button size="compact-md" variant="default" onClick={() => setEditing(true)}>
            {t(query.data.disappearance === null ? 'missing.write' : 'missing.change')}
          </Button>
        )}
      </Group>
      <Loaded query={query}>
        {({ disappearance }) =>
          disappearance === null ? (
            <Text size="sm">{t('missing.noFacts')}</Text>
          ) : (
            <Facts facts={disappearance} />
          )
        }
      </Loaded>
      {editing && query.isSuccess && (
        <Edit personId={person.id} facts={query.data.disappearance} onClose={() => setEditing(false)} />
      )}
    </section>
  )
}

function Facts({ facts }: { facts: Disappearance }) {
  const { t } = useTranslation()
  const format = useFormats()
  const rows: [string, string | null][] = [
    ...TEXTS.map((name): [string, string | null] => [t(`missing.${name}`), facts[name]]),
    [t('missing.basis'), `${t(`missing.basisIs.${facts.basis}`)}: ${facts.basisDetail}`],
    [t('missing.mayPublish'), t(facts.mayPublish ? 'missing.yes' : 'missing.no')],
    [t('missing.keepUntil'), facts.keepUntil === null ? null : format.day(facts.keepUntil)],
    [t('person.changed'), `${facts.changedBy}, ${format.time(facts.changedAt)}`],
  ]
  return (
    <Paper withBorder p="md">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md" verticalSpacing="sm" component="dl" m={0}>
        {rows.map(([name, value]) => (
          <Term key={name} name={name}>
            {value}
          </Term>
        ))}
      </SimpleGrid>
    </Paper>
  )
}

function Edit({
  personId,
  facts,
  onClose,
}: {
  personId: string
  facts: Disappearance | null
  onClose: () => void
}) {
  const { t } = useTranslation()
  const save = useApi('saveDisappearance', ['showDisappearance'])
  const form = useForm({
    initialValues: {
      lastSeenOn: facts?.lastSeenOn ?? '',
      lastSeenPlace: facts?.lastSeenPlace ?? '',
      marks: facts?.marks ?? '',
      clothing: facts?.clothing ?? '',
      circumstances: facts?.circumstances ?? '',
      photoUrls: facts?.photoUrls ?? '',
      basis: facts?.basis ?? NEW_BASIS,
      basisDetail: facts?.basisDetail ?? '',
      mayPublish: facts?.mayPublish ?? false,
      keepUntil: facts?.keepUntil ?? '',
    },
  })
  const send = (): void => {
    const { lastSeenOn, lastSeenPlace, marks, clothing, circumstances, photoUrls, keepUntil, ...rest } =
      form.values
    const body = {
      ...rest,
      lastSeenOn: orNull(lastSeenOn),
      lastSeenPlace: orNull(lastSeenPlace),
      marks: orNull(marks),
      clothing: orNull(clothing),
      circumstances: orNull(circumstances),
      photoUrls: orNull(photoUrls),
      keepUntil: orNull(keepUntil),
    }
    save.mutate({ params: { id: personId }, body }, { onSuccess: onClose })
  }
  return (
    <FormDialog
      title={t('missing.facts')}
      act={t('case.save')}
      opened
      size="xl"
      busy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={send}
    >
      <Group grow align="flex-start">
        <TextInput
          label={t('missing.lastSeenOn')}
          description={t('person.birthDateHelp')}
          pattern="\d{4}(-\d{2}(-\d{2})?)?"
          {...form.getInputProps('lastSeenOn')}
        />
        <TextInput
          label={t('missing.lastSeenPlace')}
          description={t('missing.lastSeenPlaceHelp')}
          maxLength={200}
          {...form.getInputProps('lastSeenPlace')}
        />
      </Group>
      {(['marks', 'clothing', 'circumstances'] as const).map((name) => (
        <Textarea
          key={name}
          label={t(`missing.${name}`)}
          autosize
          minRows={2}
          maxLength={4000}
          {...form.getInputProps(name)}
        />
      ))}
      <Group grow align="flex-start">
        <NativeSelect
          label={t('missing.basis')}
          description={t('missing.basisHelp')}
          data={RECORD_BASES.map((value) => ({ value, label: t(`missing.basisIs.${value}`) }))}
          {...form.getInputProps('basis')}
        />
        <TextInput
          label={t('missing.basisDetail')}
          description={t('missing.basisDetailHelp')}
          required
          maxLength={4000}
          {...form.getInputProps('basisDetail')}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          type="date"
          label={t('missing.keepUntil')}
          description={t('missing.keepUntilHelp')}
          {...form.getInputProps('keepUntil')}
        />
      </Group>
      <Checkbox
        label={t('missing.mayPublishFacts')}
        description={t('missing.mayPublishHelp')}
        {...form.getInputProps('mayPublish', { type: 'checkbox' })}
      />
      {form.values.photoUrls !== '' && <Alert color="gray">{t('missing.photoUrlsHelp')}</Alert>}
    </FormDialog>
  )
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text
}

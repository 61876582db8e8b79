import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { PERSON_STATUSES, type PersonStatus } from '../../../../src/contract/person-words.ts'
import type { Reply } from '../../api.ts'

const NAME_KINDS = ['main', 'birth', 'alias', 'spelling'] as const
const MAX_NAMES = 30

interface NameValues {
  kind: (typeof NAME_KINDS)[number]
  family: string
  given: string
  patronymic: string
  written: string
  /** Keeps its place on the page while others come and go. */
  key: string
}

export interface PersonValues {
  ref: string
  status: PersonStatus
  birthDate: string
  birthApproximate: boolean
  affiliation: string
  note: string
  names: NameValues[]
}

export const EMPTY_PERSON: PersonValues = {
  ref: '',
  status: 'missing',
  birthDate: '',
  birthApproximate: false,
  affiliation: '',
  note: '',
  names: [emptyName('main')],
}

function emptyName(kind: NameValues['kind']): NameValues {
  return { kind, family: '', given: '', patronymic: '', written: '', key: crypto.randomUUID() }
}

/** What stands of a person, to be changed. */
export function valuesOf(person: Reply<'showPerson'>): PersonValues {
  return {
    ref: person.ref ?? '',
    status: person.status ?? 'missing',
    birthDate: person.birthDate ?? '',
    birthApproximate: person.birthApproximate,
    affiliation: person.affiliation ?? '',
    note: person.note ?? '',
    names: person.names.map(({ id, kind, family, given, patronymic, written }) => {
      const parts = { family: family ?? '', given: given ?? '', patronymic: patronymic ?? '' }
      const isWhole = Object.values(parts).every((part) => part === '')
      return { kind, ...parts, written: isWhole ? written : '', key: id }
    }),
  }
}

/** As the service takes it: what is empty is left out or taken away, names without any part are none. */
export function bodyOf({ names, ref, birthDate, affiliation, note, ...rest }: PersonValues) {
  return {
    ...rest,
    ref: orNull(ref),
    birthDate: orNull(birthDate),
    affiliation: orNull(affiliation),
    note: orNull(note),
    names: names
      .map(({ kind, key: _key, ...parts }) => ({
        kind,
        ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part.trim() !== '')),
      }))
      .filter((name) => Object.keys(name).length > 1),
  }
}

/** Whether the form says neither a name nor a number; the service refuses that. */
export function lacksDesignation(values: PersonValues): boolean {
  const { names, ref } = bodyOf(values)
  return ref === null && names.length === 0
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text
}

/** Names, status, birth and affiliation of a person. */
export function PersonFields({ form }: { form: UseFormReturnType<PersonValues> }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      {form.values.names.map((name, at) => (
        <Paper key={name.key} withBorder p="xs">
          <Group align="flex-end" gap="xs" grow preventGrowOverflow={false}>
            <NativeSelect
              label={t('person.kind')}
              data={NAME_KINDS.map((value) => ({ value, label: t(`person.kindIs.${value}`) }))}
              {...form.getInputProps(`names.${at}.kind`)}
            />
            <TextInput
              label={t('person.family')}
              maxLength={200}
              {...form.getInputProps(`names.${at}.family`)}
            />
            <TextInput
              label={t('person.given')}
              maxLength={200}
              {...form.getInputProps(`names.${at}.given`)}
            />
            <TextInput
              label={t('person.patronymic')}
              maxLength={200}
              {...form.getInputProps(`names.${at}.patronymic`)}
            />
            <TextInput
              label={t('person.written')}
              maxLength={200}
              {...form.getInputProps(`names.${at}.written`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              style={{ flexGrow: 0 }}
              aria-label={t('person.removeName', { number: at + 1 })}
              onClick={() => form.removeListItem('names', at)}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        </Paper>
      ))}
      <Button
        variant="default"
        size="compact-md"
        w="fit-content"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={form.values.names.length >= MAX_NAMES}
        onClick={() => form.insertListItem('names', emptyName('alias'))}
      >
        {t('person.addName')}
      </Button>
      <Group grow align="flex-start">
        <NativeSelect
          label={t('person.status')}
          data={PERSON_STATUSES.map((value) => ({ value, label: t(`person.statusIs.${value}`) }))}
          {...form.getInputProps('status')}
        />
        <TextInput
          label={t('person.ref')}
          description={t('case.numberHelp')}
          maxLength={200}
          {...form.getInputProps('ref')}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          label={t('person.birthDate')}
          description={t('person.birthDateHelp')}
          pattern="\d{4}(-\d{2}(-\d{2})?)?"
          {...form.getInputProps('birthDate')}
        />
        <TextInput label={t('person.affiliation')} maxLength={200} {...form.getInputProps('affiliation')} />
      </Group>
      <Checkbox
        label={t('person.birthApproximate')}
        {...form.getInputProps('birthApproximate', { type: 'checkbox' })}
      />
      <Textarea
        label={t('person.note')}
        autosize
        minRows={2}
        maxLength={4000}
        {...form.getInputProps('note')}
      />
    </Stack>
  )
}

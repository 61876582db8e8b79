import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

const SHOWN = 12

/** Finds a record of a person by name, in any script and spelling, and chooses it. */
export function PersonPicker({
  chosen,
  without,
  onChoose,
}: {
  chosen: string | undefined
  /** Id of a person that is not offered. */
  without?: string
  onChoose: (id: string) => void
}) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [name, setName] = useState('')
  const query = name === '' ? { limit: SHOWN } : { name, limit: SHOWN }
  const people = useQuery(apiQuery('listPeople', { query }))
  const offered = (people.data?.items ?? []).filter(({ id }) => id !== without)
  return (
    <Stack gap="sm">
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label={t('person.name')}
          description={t('person.nameHelp')}
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Looks for the name instead of sending the form that it stands in.
            if (event.key !== 'Enter') return
            event.preventDefault()
            setName(typed.trim())
          }}
        />
        <Button variant="default" onClick={() => setName(typed.trim())}>
          {t('person.find')}
        </Button>
      </Group>
      <ProblemAlert error={people.error} />
      {people.isSuccess && offered.length === 0 && <Text size="sm">{t('person.noneFound')}</Text>}
      <Radio.Group label={t('person.records')} value={chosen ?? ''} onChange={onChoose}>
        <Stack gap={6} mt={6}>
          {offered.map(({ id, names, ref, birthDate, status }) => (
            <Radio
              key={id}
              value={id}
              label={names.join(' · ') || t('person.unnamed')}
              description={[ref, birthDate, status === null ? null : t(`person.statusIs.${status}`)]
                .filter((part) => part !== null)
                .join(' · ')}
            />
          ))}
        </Stack>
      </Radio.Group>
    </Stack>
  )
}

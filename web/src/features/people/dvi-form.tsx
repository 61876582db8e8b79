import { Accordion, Button, Group, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DVI_FIELDS, DVI_SECTIONS, type DviEntry } from '../../../../src/contract/dvi-form.ts'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

type Form = 'anteMortem' | 'postMortem'
const FORMS = [
  ['anteMortem', 'ante'],
  ['postMortem', 'post'],
] as const

/** Ante-mortem and post-mortem forms side by side, section by section, as INTERPOL's are. */
export function DviForms({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const may = useMay()
  const [editing, setEditing] = useState(false)
  const canChange = may('person.change') && !person.retired
  return (
    <section>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('dvi.title')}</Title>
        {canChange && !editing && (
          <Button size="compact-md" variant="default" onClick={() => setEditing(true)}>
            {t('dvi.fill')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {t('dvi.help')}
      </Text>
      {editing ? <Editing person={person} onClose={() => setEditing(false)} /> : <Shown person={person} />}
    </section>
  )
}

function Shown({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const sections = DVI_SECTIONS.filter((section) =>
    [...person.anteMortem, ...person.postMortem].some((entry) => entry.section === section),
  )
  if (sections.length === 0) return <Text size="sm">{t('dvi.empty')}</Text>
  return (
    <Stack gap="sm">
      {sections.map((section) => (
        <div key={section}>
          <Title order={3} size="h5">
            {t(`dvi.section.${section}`)}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            {FORMS.map(([form]) => (
              <div key={form}>
                <Text size="xs" c="dimmed">
                  {t(`dvi.${form}`)}
                </Text>
                {person[form]
                  .filter((entry) => entry.section === section)
                  .map(({ field, value }) => (
                    <Text key={field} size="sm" style={{ overflowWrap: 'anywhere' }}>
                      <Text span inherit c="dimmed">
                        {t(`dvi.field.${field}` as 'dvi.field.sex')}:{' '}
                      </Text>
                      {value}
                    </Text>
                  ))}
              </div>
            ))}
          </SimpleGrid>
        </div>
      ))}
    </Stack>
  )
}

function Editing({ person, onClose }: { person: Reply<'showPerson'>; onClose: () => void }) {
  const { t } = useTranslation()
  const change = useApi('changePerson', ['showPerson'])
  const [entries, setEntries] = useState<Record<Form, DviEntry[]>>({
    anteMortem: person.anteMortem,
    postMortem: person.postMortem,
  })
  const keep = (form: Form, entry: DviEntry): void => {
    const others = entries[form].filter((one) => one.section !== entry.section || one.field !== entry.field)
    setEntries({ ...entries, [form]: entry.value === '' ? others : [...others, entry] })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate({ params: { id: person.id }, body: entries }, { onSuccess: onClose })
      }}
    >
      <Accordion multiple variant="separated" order={3}>
        {DVI_SECTIONS.map((section) => (
          <Accordion.Item key={section} value={section}>
            <Accordion.Control>{t(`dvi.section.${section}`)}</Accordion.Control>
            <Accordion.Panel>
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
                {FORMS.map(([form, only]) => (
                  <Stack key={form} gap="xs" role="group" aria-label={t(`dvi.${form}`)}>
                    <Text size="sm" fw={500}>
                      {t(`dvi.${form}`)}
                    </Text>
                    {DVI_FIELDS[section]
                      .filter((field) => field.only === undefined || field.only === only)
                      .map(({ name }) => (
                        <Textarea
                          key={name}
                          label={t(`dvi.field.${name}` as 'dvi.field.sex')}
                          autosize
                          minRows={1}
                          maxLength={2000}
                          value={
                            entries[form].find((one) => one.section === section && one.field === name)
                              ?.value ?? ''
                          }
                          onChange={(event) =>
                            keep(form, { section, field: name, value: event.currentTarget.value })
                          }
                        />
                      ))}
                  </Stack>
                ))}
              </SimpleGrid>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <ProblemAlert error={change.error} />
      <Group justify="flex-end" mt="sm">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" loading={change.isPending}>
          {t('case.save')}
        </Button>
      </Group>
    </form>
  )
}

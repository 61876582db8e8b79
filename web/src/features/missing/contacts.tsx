import { Button, Group, Paper, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { Term } from '../../ui/fact.tsx'

const FIELDS = ['name', 'relation', 'telephone', 'email', 'address', 'note'] as const

/** Whom to turn to about a person: for liaison only, and each look is written down. */
export function Contacts({ personId, canChange }: { personId: string; canChange: boolean }) {
  const { t } = useTranslation()
  const [adding, setAdding] = useState(false)
  const contacts = useQuery(apiQuery('listContacts', { params: { id: personId } }))
  const remove = useApi('removeContact', ['listContacts'])
  return (
    <section aria-label={t('contact.title')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('contact.title')}</Title>
        {canChange && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t('contact.add')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {t('contact.help')}
      </Text>
      <ProblemAlert error={remove.error} />
      <Loaded query={contacts}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{t('contact.none')}</Text>
          ) : (
            <Stack gap="xs">
              {rows.map((row) => (
                <Paper key={row.id} withBorder p="sm">
                  <Group justify="space-between" align="flex-start" wrap="nowrap">
                    <SimpleGrid
                      cols={{ base: 1, xs: 2, md: 3 }}
                      spacing="sm"
                      component="dl"
                      m={0}
                      style={{ flex: 1 }}
                    >
                      {FIELDS.filter((field) => row[field] !== null).map((field) => (
                        <Term key={field} name={t(`contact.${field}`)}>
                          {row[field]}
                        </Term>
                      ))}
                    </SimpleGrid>
                    {canChange && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`${t('contact.remove')}: ${row.name}`}
                        onClick={() => remove.mutate({ params: { id: personId, contactId: row.id } })}
                      >
                        {t('contact.remove')}
                      </Button>
                    )}
                  </Group>
                </Paper>
              ))}
            </Stack>
          )
        }
      </Loaded>
      {adding && <AddContact personId={personId} onClose={() => setAdding(false)} />}
    </section>
  )
}

function AddContact({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const add = useApi('addContact', ['listContacts'])
  const form = useForm({
    initialValues: { name: '', relation: '', telephone: '', email: '', address: '', note: '' },
  })
  const send = (): void => {
    const { name, ...rest } = form.values
    const given = Object.fromEntries(
      Object.entries(rest).map(([field, value]) => [field, value.trim() === '' ? null : value]),
    ) as Record<keyof typeof rest, string | null>
    add.mutate({ params: { id: personId }, body: { name, ...given } }, { onSuccess: onClose })
  }
  return (
    <FormDialog
      title={t('contact.add')}
      act={t('contact.add')}
      opened
      size="lg"
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={send}
    >
      <Group grow align="flex-start">
        <TextInput label={t('contact.name')} required maxLength={200} {...form.getInputProps('name')} />
        <TextInput label={t('contact.relation')} maxLength={200} {...form.getInputProps('relation')} />
      </Group>
      <Group grow align="flex-start">
        <TextInput label={t('contact.telephone')} maxLength={200} {...form.getInputProps('telephone')} />
        <TextInput label={t('contact.email')} maxLength={200} {...form.getInputProps('email')} />
      </Group>
      <TextInput label={t('contact.address')} maxLength={4000} {...form.getInputProps('address')} />
      <Textarea
        label={t('contact.note')}
        autosize
        minRows={2}
        maxLength={4000}
        {...form.getInputProps('note')}
      />
    </FormDialog>
  )
}

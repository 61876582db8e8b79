import { Badge, Button, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PERSON_STATUSES } from '../../../../src/contract/person-words.ts'
import { PeopleFiles } from '../missing/people-files.tsx'
import { NewPerson } from './new-person.tsx'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/people')

/** Records of people of the agency, looked for by name in any script and spelling. */
export function PeoplePage() {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const { name, status } = route.useSearch()
  const navigate = route.useNavigate()
  const [typed, setTyped] = useState(name ?? '')
  const [creating, setCreating] = useState(false)
  const people = usePages('listPeople', (cursor) => ({ query: { name, status, cursor } }))
  return (
    <>
      <PageHead title={t('nav.people')} note={t('person.help')}>
        <PeopleFiles status={status} />
        {may('person.change') && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
            {t('person.create')}
          </Button>
        )}
      </PageHead>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          const wanted = typed.trim()
          void navigate({ search: (old) => ({ ...old, name: wanted === '' ? undefined : wanted }) })
        }}
      >
        <Group align="flex-end" mb="md">
          <TextInput
            label={t('person.name')}
            description={t('person.nameHelp')}
            maxLength={200}
            w={{ base: '100%', xs: 320 }}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" variant="default">
            {t('person.find')}
          </Button>
          <NativeSelect
            label={t('person.status')}
            value={status ?? ''}
            onChange={(event) => {
              const chosen = PERSON_STATUSES.find((one) => one === event.currentTarget.value)
              void navigate({ search: (old) => ({ ...old, status: chosen }) })
            }}
            data={[
              { value: '', label: t('case.all') },
              ...PERSON_STATUSES.map((value) => ({ value, label: t(`person.statusIs.${value}`) })),
            ]}
          />
        </Group>
      </form>
      <Pages query={people}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              title={name === undefined ? t('person.none') : t('person.noneFound')}
              help={t('person.noneHelp')}
            />
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table highlightOnHover verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('person.name')}</Table.Th>
                    <Table.Th>{t('person.status')}</Table.Th>
                    <Table.Th>{t('person.birthDate')}</Table.Th>
                    <Table.Th>{t('person.affiliation')}</Table.Th>
                    <Table.Th ta="right">{t('person.faces')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        <TextLink to="/people/$personId" params={{ personId: row.id }}>
                          {row.names[0] ?? t('person.unnamed')}
                        </TextLink>
                        <Text size="xs" c="dimmed">
                          {[row.ref, ...row.names.slice(1)].filter((part) => part !== null).join(' · ')}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        {row.status !== null && (
                          <Badge variant="default">{t(`person.statusIs.${row.status}`)}</Badge>
                        )}
                      </Table.Td>
                      <Table.Td>{row.birthDate}</Table.Td>
                      <Table.Td>{row.affiliation}</Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {format.count(row.faces)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Pages>
      {creating && (
        <NewPerson
          onClose={() => setCreating(false)}
          onCreated={(id) => void navigate({ to: '/people/$personId', params: { personId: id } })}
        />
      )}
    </>
  )
}

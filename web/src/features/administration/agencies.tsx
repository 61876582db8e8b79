import { Badge, Button, Group, Table, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { SuspendButton } from './suspend-button.tsx'

/** For operators: the agencies of this instance. */
export function Agencies() {
  const { t } = useTranslation()
  const format = useFormats()
  const agencies = useQuery(apiQuery('listAgencies', {}))
  const create = useApi('createAgency', ['listAgencies'])
  const [name, setName] = useState('')
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ body: { name } }, { onSuccess: () => setName('') })
        }}
      >
        <Group align="flex-end" mb="md">
          <TextInput
            label={t('admin.newAgency')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={200}
            w={320}
          />
          <Button type="submit" loading={create.isPending}>
            {t('admin.createAgency')}
          </Button>
        </Group>
      </form>
      <ProblemAlert error={create.error} />
      <Loaded query={agencies}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t('admin.noAgencies')} help={t('admin.noAgenciesHelp')} />
          ) : (
            <Table.ScrollContainer minWidth={480}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('admin.agency')}</Table.Th>
                    <Table.Th>{t('admin.since')}</Table.Th>
                    <Table.Th>{t('admin.access')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td fw={500}>{row.name}</Table.Td>
                      <Table.Td>{format.day(row.createdAt)}</Table.Td>
                      <Table.Td>
                        {row.suspended ? (
                          <Badge color="dark">{t('admin.suspended')}</Badge>
                        ) : (
                          <SuspendButton kind="agency" targetId={row.id} name={row.name} />
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
    </>
  )
}

import { Button, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Merges and splits of a record; each can be undone. */
export function PersonChanges({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [undoing, setUndoing] = useState<string>()
  const undo = useApi('undoPersonChange', ['showPerson', 'listPeople'])
  if (person.changes.length === 0) return null
  return (
    <section>
      <Title order={2} mb="xs">
        {t('person.changes')}
      </Title>
      <Table.ScrollContainer minWidth={520}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('person.change')}</Table.Th>
              <Table.Th>{t('common.reason')}</Table.Th>
              <Table.Th>{t('search.by')}</Table.Th>
              <Table.Th>{t('person.undo')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {person.changes.map((change) => {
              const otherId = change.fromId === person.id ? change.toId : change.fromId
              return (
                <Table.Tr key={change.id}>
                  <Table.Td>
                    {t(`person.changeIs.${change.kind}_${change.fromId === person.id ? 'from' : 'to'}`, {
                      count: change.faces,
                    })}{' '}
                    <TextLink to="/people/$personId" params={{ personId: otherId }} size="sm">
                      {t('person.other')}
                    </TextLink>
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{change.reason}</Table.Td>
                  <Table.Td>
                    {change.changedBy}
                    <Text size="xs" c="dimmed">
                      {format.time(change.changedAt)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {change.undoneBy !== null ? (
                      <Text size="xs" c="dimmed">
                        {t('person.undone', { name: change.undoneBy })}: {change.undoReason}
                      </Text>
                    ) : (
                      may('person.merge') && (
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={`${t('person.undo')}: ${change.reason.slice(0, 60)}`}
                          onClick={() => setUndoing(change.id)}
                        >
                          {t('person.undo')}
                        </Button>
                      )
                    )}
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ReasonDialog
        opened={undoing !== undefined}
        title={t('person.undo')}
        warning={t('person.undoHelp')}
        act={t('person.undo')}
        busy={undo.isPending}
        error={undo.error}
        onClose={() => setUndoing(undefined)}
        onReason={(reason) =>
          undo.mutate(
            { params: { id: undoing! }, body: { reason } },
            { onSuccess: () => setUndoing(undefined) },
          )
        }
      />
    </section>
  )
}

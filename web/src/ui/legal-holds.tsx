import { Badge, Button, Group, Table, Text, Title } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import { Loaded } from './loaded.tsx'
import { ReasonDialog } from './reason-dialog.tsx'
import { useFormats } from './use-formats.ts'

interface Change {
  isPending: boolean
  error: unknown
}

/** Legal holds of a collection or a case, imposed and lifted with a reason. */
export function LegalHolds({
  holds,
  help,
  canHold,
  impose,
  lift,
  onImpose,
  onLift,
}: {
  holds: UseQueryResult<Reply<'listHolds'>>
  help: string
  canHold: boolean
  impose: Change
  lift: Change
  onImpose: (reason: string, onSuccess: () => void) => void
  onLift: (id: string, reason: string, onSuccess: () => void) => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const [imposing, setImposing] = useState(false)
  const [lifting, setLifting] = useState<string>()
  return (
    <section>
      <Group justify="space-between" maw={960} mb={4}>
        <Title order={2}>{t('hold.title')}</Title>
        {canHold && (
          <Button
            variant="default"
            leftSection={<IconLock size={16} aria-hidden />}
            onClick={() => setImposing(true)}
          >
            {t('hold.impose')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {help}
      </Text>
      <Loaded query={holds}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{t('hold.none')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing={6} maw={960}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('case.status')}</Table.Th>
                    <Table.Th>{t('common.reason')}</Table.Th>
                    <Table.Th>{t('hold.by')}</Table.Th>
                    <Table.Th>{t('hold.lifted')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((hold) => (
                    <Table.Tr key={hold.id}>
                      <Table.Td>
                        <Badge
                          variant={hold.liftedAt === null ? 'filled' : 'default'}
                          color={hold.liftedAt === null ? 'petrol' : 'gray'}
                        >
                          {hold.liftedAt === null ? t('hold.stands') : t('hold.over')}
                        </Badge>
                      </Table.Td>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>{hold.reason}</Table.Td>
                      <Table.Td>
                        {hold.imposedBy}
                        <br />
                        {format.time(hold.imposedAt)}
                      </Table.Td>
                      <Table.Td>
                        {hold.liftedAt === null
                          ? canHold && (
                              <Button size="compact-sm" variant="default" onClick={() => setLifting(hold.id)}>
                                {t('hold.lift')}
                              </Button>
                            )
                          : `${hold.liftedBy}, ${format.time(hold.liftedAt)}: ${hold.liftReason}`}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      <ReasonDialog
        title={t('hold.impose')}
        warning={t('hold.imposeHelp')}
        act={t('hold.impose')}
        opened={imposing}
        busy={impose.isPending}
        error={impose.error}
        onClose={() => setImposing(false)}
        onReason={(reason) => onImpose(reason, () => setImposing(false))}
      />
      <ReasonDialog
        title={t('hold.lift')}
        warning={t('hold.liftHelp')}
        act={t('hold.lift')}
        opened={lifting !== undefined}
        busy={lift.isPending}
        error={lift.error}
        onClose={() => setLifting(undefined)}
        onReason={(reason) => onLift(lifting!, reason, () => setLifting(undefined))}
      />
    </section>
  )
}

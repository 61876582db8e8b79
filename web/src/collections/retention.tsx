import {
  Alert,
  Badge,
  Button,
  Group,
  Modal,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../api.ts'
import { useMay } from '../session.ts'
import { Loaded } from '../ui/loaded.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { ReasonDialog } from '../ui/reason-dialog.tsx'
import { EmptyCollection } from './empty-collection.tsx'
import { useFormats } from '../ui/use-formats.ts'

type Collection = Reply<'listCollections'>[number]

/** Until when a collection is kept, and the legal holds that keep it whatever its date. */
export function Retention({ collection }: { collection: Collection }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [changing, { open, close }] = useDisclosure()
  const { retentionUntil } = collection
  return (
    <Stack gap="xl">
      <section>
        <Title order={2} mb={4}>
          {t('keep.title')}
        </Title>
        <Group>
          <Text size="sm">
            {retentionUntil === null
              ? t('keep.noDate')
              : t('keep.until', { day: format.day(retentionUntil) })}
          </Text>
          {may('collection.change') && (
            <Button size="compact-sm" variant="default" onClick={open}>
              {t('keep.change')}
            </Button>
          )}
        </Group>
        <Modal
          opened={changing}
          onClose={close}
          title={t('keep.change')}
          closeButtonProps={{ 'aria-label': t('common.close') }}
        >
          <ChangeDate collection={collection} onClose={close} />
        </Modal>
      </section>
      <Holds collectionId={collection.id} />
      {may('collection.erase') && <EmptyCollection collection={collection} />}
    </Stack>
  )
}

function ChangeDate({ collection, onClose }: { collection: Collection; onClose: () => void }) {
  const { t } = useTranslation()
  const change = useApi('changeCollection', ['listCollections'])
  const [day, setDay] = useState(collection.retentionUntil ?? '')
  const [reason, setReason] = useState('')
  const [today] = useState(() => new Date().toISOString().slice(0, 10))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const body = { retentionUntil: day === '' ? null : day, reason }
        change.mutate({ params: { id: collection.id }, body }, { onSuccess: onClose })
      }}
    >
      <Stack>
        <TextInput
          type="date"
          label={t('coll.retention')}
          description={t('coll.retentionHelp')}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        {day !== '' && day < today && <Alert color="red">{t('keep.pastWarning')}</Alert>}
        <Textarea
          label={t('common.reason')}
          description={t('common.reasonHelp')}
          required
          autosize
          minRows={2}
          maxLength={4000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemAlert error={change.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={change.isPending} disabled={reason.trim() === ''}>
            {t('keep.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Holds({ collectionId }: { collectionId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const holds = useQuery(apiQuery('listHolds', { params: { id: collectionId } }))
  const impose = useApi('imposeHold', ['listHolds'])
  const lift = useApi('liftHold', ['listHolds'])
  const [imposing, setImposing] = useState(false)
  const [lifting, setLifting] = useState<string>()
  const canHold = may('collection.hold')
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
        {t('hold.help')}
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
        onReason={(reason) =>
          impose.mutate(
            { params: { id: collectionId }, body: { reason } },
            { onSuccess: () => setImposing(false) },
          )
        }
      />
      <ReasonDialog
        title={t('hold.lift')}
        warning={t('hold.liftHelp')}
        act={t('hold.lift')}
        opened={lifting !== undefined}
        busy={lift.isPending}
        error={lift.error}
        onClose={() => setLifting(undefined)}
        onReason={(reason) =>
          lift.mutate(
            { params: { id: lifting! }, body: { reason } },
            { onSuccess: () => setLifting(undefined) },
          )
        }
      />
    </section>
  )
}

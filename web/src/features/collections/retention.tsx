import { Alert, Button, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { LegalHolds } from '../../ui/legal-holds.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { EmptyCollection } from './empty-collection.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { today } from '../../../../src/contract/dates.ts'
import { ReasonField } from '../../ui/reason-field.tsx'

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
  const [thisDay] = useState(today)
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
        {day !== '' && day < thisDay && <Alert color="red">{t('keep.pastWarning')}</Alert>}
        <ReasonField reason={reason} onReason={setReason} />
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
  const may = useMay()
  const holds = useQuery(apiQuery('listHolds', { params: { id: collectionId } }))
  const impose = useApi('imposeHold', ['listHolds'])
  const lift = useApi('liftHold', ['listHolds'])
  return (
    <LegalHolds
      holds={holds}
      help={t('hold.help')}
      canHold={may('collection.hold')}
      impose={impose}
      lift={lift}
      onImpose={(reason, onSuccess) =>
        impose.mutate({ params: { id: collectionId }, body: { reason } }, { onSuccess })
      }
      onLift={(id, reason, onSuccess) => lift.mutate({ params: { id }, body: { reason } }, { onSuccess })}
    />
  )
}

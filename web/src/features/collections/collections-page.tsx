import {
  Badge,
  Button,
  Group,
  Modal,
  NativeSelect,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CallInput } from '../../../../src/contract/client/api-client.ts'
import { apiQuery, useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const SENSITIVITIES = ['ordinary', 'sensitive', 'restricted'] as const

/** What the agency may search, and under what law it is held. */
export function CollectionsPage() {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [creating, { open, close }] = useDisclosure()
  const collections = useQuery(apiQuery('listCollections', {}))
  const canChange = may('collection.change')
  return (
    <>
      <PageHead title={t('nav.collections')}>
        {canChange && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            {t('coll.create')}
          </Button>
        )}
      </PageHead>
      <Loaded query={collections}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              title={t('coll.none')}
              help={canChange ? t('coll.noneHelp') : t('search.askCurator')}
            />
          ) : (
            <Table.ScrollContainer minWidth={820}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('coll.title')}</Table.Th>
                    <Table.Th>{t('coll.lawfulBasis')}</Table.Th>
                    <Table.Th>{t('coll.sensitivity')}</Table.Th>
                    <Table.Th ta="right">{t('coll.photos')}</Table.Th>
                    <Table.Th ta="right">{t('coll.videos')}</Table.Th>
                    <Table.Th ta="right">{t('coll.faces')}</Table.Th>
                    <Table.Th>{t('coll.retention')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td>
                        <TextLink to="/collections/$collectionId" params={{ collectionId: row.id }} fw={500}>
                          {row.title}
                        </TextLink>
                        {!row.isOwn && (
                          <Text size="xs" c="dimmed">
                            {t('coll.grantedBy', { agency: row.agency })}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td maw={320} style={{ overflowWrap: 'anywhere' }}>
                        {row.lawfulBasis}
                      </Table.Td>
                      <Table.Td>
                        <Badge variant="default">{t(`coll.sensitivityIs.${row.sensitivity}`)}</Badge>
                      </Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {format.count(row.photos)}
                      </Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {format.count(row.videos)}
                      </Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {format.count(row.faces)}
                      </Table.Td>
                      <Table.Td>
                        {row.retentionUntil === null ? t('coll.noRetention') : format.day(row.retentionUntil)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      <Modal
        opened={creating}
        onClose={close}
        title={t('coll.create')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <CreateCollectionForm onClose={close} />
      </Modal>
    </>
  )
}

function CreateCollectionForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const create = useApi('createCollection', ['listCollections'])
  const form = useForm<Required<CallInput<'createCollection'>['body']>>({
    initialValues: {
      title: '',
      lawfulBasis: '',
      sensitivity: 'ordinary',
      retentionUntil: '',
    },
  })
  const submit = form.onSubmit(({ retentionUntil, ...values }) =>
    create.mutate(
      { body: { ...values, ...(retentionUntil === '' ? {} : { retentionUntil }) } },
      { onSuccess: onClose },
    ),
  )
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('coll.title')}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps('title')}
        />
        <Textarea
          label={t('coll.lawfulBasis')}
          description={t('coll.lawfulBasisHelp')}
          required
          autosize
          minRows={2}
          maxLength={2000}
          {...form.getInputProps('lawfulBasis')}
        />
        <Group grow align="flex-start">
          <NativeSelect
            label={t('coll.sensitivity')}
            description={t('coll.sensitivityHelp')}
            data={SENSITIVITIES.map((value) => ({ value, label: t(`coll.sensitivityIs.${value}`) }))}
            {...form.getInputProps('sensitivity')}
          />
          <TextInput
            type="date"
            label={t('coll.retention')}
            description={t('coll.retentionHelp')}
            {...form.getInputProps('retentionUntil')}
          />
        </Group>
        <ProblemAlert error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('coll.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

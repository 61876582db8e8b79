import { Badge, Button, Group, Modal, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { RefusalReason } from './refusal-reason.tsx'
import { VideosOnTheWay } from './videos-on-the-way.tsx'

type Import = Reply<'listImports'>[number]

/** While something comes or is read, its counts are asked for again so often. */
const AGAIN_MS = 3000
/** Reasons that are shown of one import; a longer list is told with its length. */
const SHOWN_REASONS = 1000

/** Imports of a collection: what came, what came of it, and why files were refused. */
export function EarlierImports({
  collectionId,
  onGoOn,
}: {
  collectionId: string
  onGoOn: ((begun: Import) => void) | undefined
}) {
  const { t } = useTranslation()
  const [looked, setLooked] = useState<Import>()
  const imports = useQuery({
    ...apiQuery('listImports', { params: { id: collectionId } }),
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ phase }) => phase === 'receiving' || phase === 'reading') === true ? AGAIN_MS : false,
  })
  return (
    <section>
      <Title order={2} mb={4}>
        {t('imp.earlier')}
      </Title>
      <Loaded query={imports}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{t('imp.none')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={760}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('imp.begun')}</Table.Th>
                    <Table.Th>{t('imp.by')}</Table.Th>
                    <Table.Th>{t('imp.received')}</Table.Th>
                    <Table.Th>{t('imp.state.done')}</Table.Th>
                    <Table.Th>{t('imp.state.no_face')}</Table.Th>
                    <Table.Th>{t('imp.state.duplicate')}</Table.Th>
                    <Table.Th>{t('imp.notTaken')}</Table.Th>
                    <Table.Th>{t('imp.state.waiting')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <ImportRow key={row.id} row={row} onGoOn={onGoOn} onLook={() => setLooked(row)} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      {looked !== undefined && <Reasons one={looked} onClose={() => setLooked(undefined)} />}
    </section>
  )
}

function ImportRow({
  row,
  onGoOn,
  onLook,
}: {
  row: Import
  onGoOn: ((begun: Import) => void) | undefined
  onLook: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const finish = useApi('finishImport', ['listImports', 'listRunningImports'])
  const { id, counts, phase, notReceived } = row
  const refused = counts.unreadable + counts.failed
  const received = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <Table.Tr>
      <Table.Td>
        {format.time(row.startedAt)}
        <VideosOnTheWay videos={row.videos} />
        {phase !== 'ended' && (
          <Group gap={4}>
            <Badge variant="default">{t(`imp.phase.${phase}`)}</Badge>
            {phase === 'left' && onGoOn !== undefined && (
              <>
                <Button size="compact-xs" variant="default" onClick={() => onGoOn(row)}>
                  {t('imp.goOn')}
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => finish.mutate({ params: { id }, body: {} })}
                >
                  {t('imp.end')}
                </Button>
              </>
            )}
          </Group>
        )}
      </Table.Td>
      <Table.Td>{row.startedBy}</Table.Td>
      <Table.Td>
        {format.count(received)}
        {notReceived > 0 && (
          <Text size="xs">
            {t('imp.notReceived', { count: notReceived, shown: format.count(notReceived) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{format.count(counts.done)}</Table.Td>
      <Table.Td>{format.count(counts.no_face)}</Table.Td>
      <Table.Td>{format.count(counts.duplicate)}</Table.Td>
      <Table.Td>
        {refused === 0 ? (
          format.count(0)
        ) : (
          <Button size="compact-xs" variant="default" onClick={onLook}>
            {t('imp.whyNot', { shown: format.count(refused) })}
          </Button>
        )}
      </Table.Td>
      <Table.Td>{format.count(counts.waiting)}</Table.Td>
    </Table.Tr>
  )
}

/** Files of an import that were not taken in, with the reason of each. */
function Reasons({ one: { id, startedAt }, onClose }: { one: Import; onClose: () => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const params = { id }
  const unreadable = useQuery(
    apiQuery('listImportItems', { params, query: { state: 'unreadable', limit: SHOWN_REASONS } }),
  )
  const failed = useQuery(
    apiQuery('listImportItems', { params, query: { state: 'failed', limit: SHOWN_REASONS } }),
  )
  return (
    <Modal
      opened
      size="xl"
      onClose={onClose}
      title={t('imp.reasonsOf', { at: format.time(startedAt) })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={unreadable}>
        {(first) => (
          <Loaded query={failed}>
            {(second) => (
              <Table verticalSpacing="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w="35%">{t('imp.file')}</Table.Th>
                    <Table.Th>{t('imp.reason')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {[...first, ...second].map(({ ordinal, name, state, reason, detail }) => (
                    <Table.Tr key={ordinal} style={{ verticalAlign: 'top', overflowWrap: 'anywhere' }}>
                      <Table.Td>
                        {name}
                        <Text size="xs" c="dimmed">
                          {t(`imp.state.${state}`)}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <RefusalReason reason={reason} detail={detail} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
          </Loaded>
        )}
      </Loaded>
    </Modal>
  )
}

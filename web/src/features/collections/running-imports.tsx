import { Progress, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { VideosOnTheWay } from './videos-on-the-way.tsx'

/** Imports into the agency's collections that have not ended; their progress comes over the stream of events. */
export function RunningImports() {
  const { t } = useTranslation()
  const format = useFormats()
  const imports = useQuery(apiQuery('listRunningImports', {}))
  if ((imports.data ?? []).length === 0) return null
  return (
    <section>
      <Title order={2} mb="xs">
        {t('home.imports')}
      </Title>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('imp.begun')}</Table.Th>
              <Table.Th>{t('source.collection')}</Table.Th>
              <Table.Th>{t('imp.by')}</Table.Th>
              <Table.Th>{t('imp.progressOf')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {imports.data!.map(
              ({ id, startedAt, startedBy, collectionId, collectionTitle, counts, total, videos }) => {
                const done =
                  counts.done + counts.duplicate + counts.no_face + counts.unreadable + counts.failed
                return (
                  <Table.Tr key={id}>
                    <Table.Td>{format.time(startedAt)}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>
                      <TextLink
                        to="/collections/$collectionId"
                        params={{ collectionId }}
                        search={{ tab: 'import' }}
                      >
                        {collectionTitle}
                      </TextLink>
                    </Table.Td>
                    <Table.Td>{startedBy}</Table.Td>
                    <Table.Td>
                      {total !== null && total > 0 && (
                        <Progress value={(100 * done) / total} aria-label={t('imp.progress')} mb={4} />
                      )}
                      <Text size="xs" className="numbers">
                        {total === null
                          ? t('imp.soFar', { done: format.count(done) })
                          : t('imp.soFarOf', { done: format.count(done), total: format.count(total) })}
                      </Text>
                      <VideosOnTheWay videos={videos} />
                    </Table.Td>
                  </Table.Tr>
                )
              },
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  )
}

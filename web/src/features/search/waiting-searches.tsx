import { Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Pages, usePages } from '../../ui/pages.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const SHOWN = 10

/** Searches with candidates that nobody has gone through yet; nothing when there are none. */
export function WaitingSearches() {
  const { t } = useTranslation()
  const format = useFormats()
  const waiting = usePages('listWaitingSearches', (cursor) => ({ query: { cursor, limit: SHOWN } }))
  if (waiting.data?.length === 0) return null
  return (
    <section>
      <Title order={2} mb={4}>
        {t('home.waiting')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('home.waitingHelp')}
      </Text>
      <Pages query={waiting}>
        {(items) => (
          <Table.ScrollContainer minWidth={560}>
            <Table highlightOnHover verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('search.at')}</Table.Th>
                  <Table.Th>{t('verify.case')}</Table.Th>
                  <Table.Th>{t('search.by')}</Table.Th>
                  <Table.Th ta="right">{t('cand.title')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td>
                      <TextLink to="/searches/$searchId" params={{ searchId: row.id }}>
                        {format.time(row.at)}
                      </TextLink>
                    </Table.Td>
                    <Table.Td>
                      {row.caseNumber} · {row.caseTitle}
                    </Table.Td>
                    <Table.Td>{row.searchedBy}</Table.Td>
                    <Table.Td ta="right" className="numbers">
                      {format.count(row.candidateCount)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Pages>
    </section>
  )
}

import { Badge, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { useFormats } from '../../ui/use-formats.ts'
import { TextLink } from '../../ui/text-link.tsx'

/** Cases, one a row. */
export function CaseTable({ cases }: { cases: Reply<'listCases'>['items'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('case.number')}</Table.Th>
            <Table.Th>{t('case.title')}</Table.Th>
            <Table.Th>{t('case.purpose')}</Table.Th>
            <Table.Th>{t('case.lead')}</Table.Th>
            <Table.Th>{t('case.opened')}</Table.Th>
            <Table.Th>{t('case.status')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cases.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td className="numbers">{row.number}</Table.Td>
              <Table.Td>
                <TextLink to="/cases/$caseId" params={{ caseId: row.id }} fw={500}>
                  {row.title}
                </TextLink>
              </Table.Td>
              <Table.Td>{t(`purpose.${row.purpose}`)}</Table.Td>
              <Table.Td>{row.lead}</Table.Td>
              <Table.Td>
                <Text span inherit style={{ whiteSpace: 'nowrap' }}>
                  {format.day(row.createdAt)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Badge variant="default">{t(`case.statusIs.${row.status}`)}</Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

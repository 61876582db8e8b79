import { Badge, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Enquiries by their numbers. */
export function EnquiryTable({ enquiries }: { enquiries: Reply<'listEnquiries'>['items'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('enquiry.number')}</Table.Th>
            <Table.Th>{t('enquiry.person')}</Table.Th>
            <Table.Th>{t('enquiry.enquirer')}</Table.Th>
            <Table.Th>{t('enquiry.receivedOn')}</Table.Th>
            <Table.Th>{t('enquiry.state')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {enquiries.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td>
                <TextLink to="/enquiries/$enquiryId" params={{ enquiryId: row.id }}>
                  {row.number}
                </TextLink>
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {row.personNames[0] ?? t('person.unnamed')}
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {row.enquirer}
                <Text size="xs" c="dimmed">
                  {row.relation}
                </Text>
              </Table.Td>
              <Table.Td>
                {format.day(row.receivedOn)}
                <Text size="xs" c="dimmed">
                  {t(`enquiry.channelIs.${row.channel}`)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Badge variant="default">{t(`enquiry.stateIs.${row.state}`)}</Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { StateBadge } from './state-badge.tsx'

type Lead = Reply<'listLeads'>['items'][number] | Reply<'listIdentifications'>['items'][number]

/** Leads and identifications, each with what has to happen next where that is known. */
export function LeadTable({ leads }: { leads: readonly Lead[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const withCases = leads.some((lead) => 'caseNumber' in lead)
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('ident.opened')}</Table.Th>
            {withCases && <Table.Th>{t('verify.case')}</Table.Th>}
            <Table.Th>{t('ident.state')}</Table.Th>
            {withCases && <Table.Th>{t('ident.next')}</Table.Th>}
            <Table.Th>{t('search.by')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {leads.map((lead) => (
            <Table.Tr key={lead.id}>
              <Table.Td>
                <TextLink to="/identifications/$identificationId" params={{ identificationId: lead.id }}>
                  {format.time(lead.openedAt)}
                </TextLink>
                <Text size="xs" c="dimmed">
                  {t('cand.alt', { rank: lead.rank })}
                </Text>
              </Table.Td>
              {'caseNumber' in lead && (
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {lead.caseNumber} · {lead.caseTitle}
                </Table.Td>
              )}
              <Table.Td>
                <StateBadge state={lead.state} />
              </Table.Td>
              {'missing' in lead && (
                <Table.Td>
                  {(lead.state === 'lead' || lead.state === 'corroborated') &&
                    (lead.missing.length === 0 ? t('ident.toSign') : t(`ident.step.${lead.missing[0]}`))}
                </Table.Td>
              )}
              <Table.Td>{lead.openedBy}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

import { Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { Pages, usePages } from '../../ui/pages.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const SHOWN = 20
/** Acts that have a sentence; `_` for the audit log's `.`. */
const ACTS = [
  'case_create',
  'case_change',
  'case_add_access',
  'case_remove_access',
  'probe_add',
  'probe_derive',
  'search_run',
  'candidate_mark',
  'candidate_note',
  'candidate_remove_note',
  'verification_run',
] as const

/** What was done in a case, newest first. */
export function Timeline({ caseId }: { caseId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const events = usePages('showTimeline', (cursor) => ({
    params: { id: caseId },
    query: { cursor, limit: SHOWN },
  }))
  return (
    <section>
      <Title order={2} mb="xs">
        {t('case.timeline')}
      </Title>
      <Pages query={events}>
        {(items) => (
          <Table.ScrollContainer minWidth={480}>
            <Table verticalSpacing={4}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={190}>{t('search.at')}</Table.Th>
                  <Table.Th w={200}>{t('search.by')}</Table.Th>
                  <Table.Th>{t('audit.action')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((event) => (
                  <Table.Tr key={event.seq}>
                    <Table.Td>{format.time(event.at)}</Table.Td>
                    <Table.Td>{event.actor}</Table.Td>
                    <Table.Td>
                      <What event={event} />
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

function What({ event }: { event: Reply<'showTimeline'>['items'][number] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const act = ACTS.find((one) => one === event.action.replaceAll('.', '_'))
  const [kind, id] = event.subject?.split(' ') ?? []
  const { rank, candidates, mark } = event.details
  const text = act === undefined ? event.action : t(`act.${act}`)
  const extra = [
    ...(typeof candidates === 'number'
      ? [t('cand.found', { count: candidates, shown: format.count(candidates) })]
      : []),
    ...(typeof rank === 'number' ? [t('cand.alt', { rank })] : []),
    ...(mark === 'later' || mark === 'rejected' ? [t(`cand.mark.${mark}`)] : []),
  ].join(', ')
  return (
    <>
      {kind === 'search' && id !== undefined ? (
        <TextLink to="/searches/$searchId" params={{ searchId: id }}>
          {text}
        </TextLink>
      ) : (
        text
      )}
      {extra !== '' && (
        <Text span inherit c="dimmed">
          {' '}
          · {extra}
        </Text>
      )}
    </>
  )
}

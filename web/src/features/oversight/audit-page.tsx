import { Alert, Badge, Button, Group, List, NativeSelect, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { instantHere } from '../../../../src/contract/dates.ts'

const route = getRouteApi('/app/audit')
const OUTCOMES = ['done', 'refused', 'failed'] as const

/** Who did what, when and why; and whether the log is whole. */
export function AuditPage() {
  const { t } = useTranslation()
  const may = useMay()
  const verify = useApi('verifyAudit')
  return (
    <>
      <PageHead title={t('nav.audit')} note={t('audit.help')}>
        {may('audit.verify') && (
          <Button
            leftSection={<IconShieldCheck size={18} aria-hidden />}
            loading={verify.isPending}
            onClick={() => verify.mutate({})}
          >
            {t('audit.verify')}
          </Button>
        )}
      </PageHead>
      <Stack>
        <ProblemAlert error={verify.error} />
        {verify.data !== undefined && <Verdict result={verify.data} />}
        {may('audit.read') && <Log />}
      </Stack>
    </>
  )
}

function Verdict({ result }: { result: Reply<'verifyAudit'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { events, signedUpTo, faults } = result
  const counts = { count: events, shown: format.count(events), signed: format.count(signedUpTo) }
  if (faults.length === 0) {
    return (
      <Alert role="status" color="petrol" title={t('audit.whole')}>
        {t('audit.wholeHelp', counts)}
      </Alert>
    )
  }
  return (
    <Alert role="alert" color="red" title={t('audit.broken', { count: faults.length })}>
      <List size="sm">
        {faults.map(({ seq, kind, detail }) => (
          <List.Item key={`${seq} ${kind} ${detail}`} lang="en">
            {seq === 0 ? detail : `${seq}: ${detail}`}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Log() {
  const { t } = useTranslation()
  const format = useFormats()
  const { action, outcome, since, until } = route.useSearch()
  const navigate = route.useNavigate()
  const filter = {
    action: action || undefined,
    outcome,
    since: since === undefined ? undefined : instantHere(since),
    until: until === undefined ? undefined : instantHere(until),
  }
  const events = usePages('readAudit', (cursor) => ({ query: { ...filter, cursor } }))
  const set = (change: Partial<ReturnType<typeof route.useSearch>>): void =>
    void navigate({ search: { action, outcome, since, until, ...change }, replace: true })
  return (
    <>
      <Group align="flex-end">
        <TextInput
          label={t('audit.action')}
          placeholder="search."
          value={action ?? ''}
          onChange={(event) => set({ action: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('audit.outcome')}
          value={outcome ?? ''}
          onChange={(event) => set({ outcome: (event.currentTarget.value || undefined) as typeof outcome })}
          data={[
            { value: '', label: t('audit.every') },
            ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcomeIs.${value}`) })),
          ]}
        />
        <TextInput
          type="date"
          label={t('search.since')}
          value={since ?? ''}
          onChange={(event) => set({ since: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label={t('search.until')}
          value={until ?? ''}
          onChange={(event) => set({ until: event.currentTarget.value || undefined })}
        />
      </Group>
      <Pages query={events}>
        {(rows) =>
          rows.length === 0 ? (
            <Text c="dimmed">{t('audit.nothing')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={900}>
              <Table verticalSpacing={4} fz="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th ta="right">{t('audit.seq')}</Table.Th>
                    <Table.Th>{t('audit.at')}</Table.Th>
                    <Table.Th>{t('audit.actor')}</Table.Th>
                    <Table.Th>{t('audit.action')}</Table.Th>
                    <Table.Th>{t('audit.subject')}</Table.Th>
                    <Table.Th>{t('case.purpose')}</Table.Th>
                    <Table.Th>{t('audit.outcome')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.seq}>
                      <Table.Td ta="right" className="numbers">
                        {row.seq}
                      </Table.Td>
                      <Table.Td style={{ whiteSpace: 'nowrap' }}>{format.time(row.at)}</Table.Td>
                      <Table.Td>{row.actor}</Table.Td>
                      <Table.Td>
                        <code>{row.action}</code>
                      </Table.Td>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        <span title={row.subject ?? undefined}>{shortened(row.subject)}</span>
                      </Table.Td>
                      <Table.Td>{row.purpose !== null && t(`purpose.${row.purpose as 'training'}`)}</Table.Td>
                      <Table.Td>
                        <Badge variant={row.outcome === 'done' ? 'default' : 'filled'} color="dark">
                          {t(`audit.outcomeIs.${row.outcome}`)}
                        </Badge>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Pages>
    </>
  )
}

/** Ids by their last characters, which are what differs. */
function shortened(subject: string | null): string {
  return (subject ?? '').replaceAll(/[\da-f]{8}-[\da-f-]{18,19}([\da-f]{8})\b/g, '…$1')
}

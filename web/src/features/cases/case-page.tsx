import { Badge, Button, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { IconPhotoSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { CaseHolds } from './case-holds.tsx'
import { EditCase } from './edit-case.tsx'
import { Timeline } from './timeline.tsx'
import { CaseLeads } from '../identification/case-leads.tsx'
import { useMay, useMe } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { ProbeThumbnail } from '../search/probe-thumbnail.tsx'
import { searchedCollections } from '../search/searched-collections.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { Term } from '../../ui/fact.tsx'

const route = getRouteApi('/app/cases/$caseId')

/** A case: what it is for, who works on it, its probes and searches. */
export function CasePage() {
  const { caseId } = route.useParams()
  const caseFile = useQuery(apiQuery('showCase', { params: { id: caseId } }))
  return <Loaded query={caseFile}>{(file) => <CaseView file={file} />}</Loaded>
}

function CaseView({ file }: { file: Reply<'showCase'> }) {
  const { t } = useTranslation()
  const may = useMay()
  const me = useMe()
  const canSearch = may('probe.add') && file.status === 'open'
  const leads =
    may('case.change') &&
    file.agencyId === me.agencyId &&
    (file.leadId === me.accountId || me.roles.includes('supervisor'))
  return (
    <>
      <PageHead
        title={file.title}
        crumbs={[{ label: t('nav.cases'), to: '/cases' }]}
        note={
          <Group gap="xs">
            <span className="numbers">{file.number}</span>
            <Badge variant="default">{t(`case.statusIs.${file.status}`)}</Badge>
          </Group>
        }
      >
        {leads && <EditCase file={file} />}
        {leads && <ChangeStatus file={file} />}
        {canSearch && (
          <Button
            renderRoot={(props: object) => (
              <Link to="/cases/$caseId/search" params={{ caseId: file.id }} {...props} />
            )}
            leftSection={<IconPhotoSearch size={18} aria-hidden />}
          >
            {t('case.newSearch')}
          </Button>
        )}
      </PageHead>
      <Stack gap="lg">
        <Facts file={file} />
        {may('search.read') && <Searches caseId={file.id} />}
        {may('identification.read') && <CaseLeads caseId={file.id} />}
        <Probes caseId={file.id} canSearch={canSearch} />
        {file.retentionUntil !== null && (
          <CaseHolds caseId={file.id} canHold={may('case.hold') && file.agencyId === me.agencyId} />
        )}
        <Timeline caseId={file.id} />
      </Stack>
    </>
  )
}

function ChangeStatus({ file }: { file: Reply<'showCase'> }) {
  const { t } = useTranslation()
  const change = useApi('changeCase', ['showCase', 'listCases', 'showTimeline'])
  const next = file.status === 'open' ? 'closed' : 'open'
  return (
    <Button
      variant="default"
      loading={change.isPending}
      onClick={() => change.mutate({ params: { id: file.id }, body: { status: next } })}
    >
      {file.status === 'open' ? t('case.close') : t('case.reopen')}
    </Button>
  )
}

function Facts({ file }: { file: Reply<'showCase'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const facts: [string, string][] = [
    [t('case.purpose'), t(`purpose.${file.purpose}`)],
    [t('case.legalBasis'), file.legalBasis],
    [t('case.lead'), file.lead],
    [t('case.members'), file.members.map(({ name }) => name).join(', ') || t('case.nobodyElse')],
    [t('case.agencies'), [file.agency, ...file.agencies.map(({ name }) => name)].join(', ')],
    [t('case.opened'), format.time(file.createdAt)],
    [
      t('case.retention'),
      file.retentionUntil === null ? t('case.noRetention') : format.day(file.retentionUntil),
    ],
  ]
  return (
    <Paper withBorder p="md" component="section" aria-label={t('case.facts')}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="md" verticalSpacing="sm" component="dl" m={0}>
        {facts.map(([name, value]) => (
          <Term key={name} name={name}>
            {value}
          </Term>
        ))}
      </SimpleGrid>
    </Paper>
  )
}

function Searches({ caseId }: { caseId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const searches = usePages('listSearches', (cursor) => ({ params: { id: caseId }, query: { cursor } }))
  return (
    <section>
      <Title order={2} mb="xs">
        {t('case.searches')}
      </Title>
      <Pages query={searches}>
        {(items) =>
          items.length === 0 ? (
            <Text c="dimmed" size="sm">
              {t('case.noSearches')}
            </Text>
          ) : (
            <Table.ScrollContainer minWidth={600}>
              <Table highlightOnHover verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('search.at')}</Table.Th>
                    <Table.Th>{t('search.by')}</Table.Th>
                    <Table.Th>{t('search.collections')}</Table.Th>
                    <Table.Th ta="right">{t('search.facesSearched')}</Table.Th>
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
                      <Table.Td>{row.searchedBy}</Table.Td>
                      <Table.Td>{searchedCollections(t, row)}</Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {format.count(row.facesSearched)}
                      </Table.Td>
                      <Table.Td ta="right" className="numbers">
                        {row.candidateCount === 0 ? t('cand.noneShort') : format.count(row.candidateCount)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Pages>
    </section>
  )
}

function Probes({ caseId, canSearch }: { caseId: string; canSearch: boolean }) {
  const { t } = useTranslation()
  const probes = usePages('listProbes', (cursor) => ({ params: { id: caseId }, query: { cursor } }))
  return (
    <section>
      <Title order={2} mb="xs">
        {t('case.probes')}
      </Title>
      <Pages query={probes}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              title={t('case.noProbes')}
              help={canSearch ? t('case.noProbesHelp') : t('case.noProbesWait')}
            />
          ) : (
            <SimpleGrid cols={{ base: 2, xs: 3, sm: 4, lg: 6 }} spacing="sm">
              {items.map((probe) => (
                <ProbeThumbnail key={probe.id} probe={probe} linked={canSearch} />
              ))}
            </SimpleGrid>
          )
        }
      </Pages>
    </section>
  )
}

import { Alert, Grid, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { Decision } from './decision.tsx'
import { EvidenceList } from './evidence-list.tsx'
import { ExaminationList } from './examination-list.tsx'
import { SignOff } from './sign-off.tsx'
import type { Identification } from './identification.ts'
import { PersonChoice } from './person-choice.tsx'
import { ReportList } from './report-list.tsx'
import { StandingTimeline } from './standing-timeline.tsx'
import { StateBadge } from './state-badge.tsx'
import { ToldList } from './told-list.tsx'
import { TransmittalList } from './transmittal-list.tsx'
import { VerificationList } from './verification-list.tsx'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/identifications/$identificationId')

/** A lead and what becomes of it: examinations, verification, evidence, decision, reports. */
export function IdentificationPage() {
  const { identificationId } = route.useParams()
  const identification = useQuery(apiQuery('showIdentification', { params: { id: identificationId } }))
  return <Loaded query={identification}>{(shown) => <IdentificationView identification={shown} />}</Loaded>
}

function IdentificationView({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const { id, caseId, searchId, rank, state, openedBy, openedAt, told, earlier } = identification
  const isOpen = state === 'lead' || state === 'corroborated'
  return (
    <>
      <PageHead
        title={t('ident.titleOf', { rank })}
        crumbs={[
          { label: t('nav.leads'), to: '/identifications' },
          { label: t('verify.case'), to: '/cases/$caseId', params: { caseId } },
        ]}
        note={
          <Group gap="xs">
            <StateBadge state={state} />
            <span>{t('ident.openedBy', { name: openedBy, at: format.time(openedAt) })}</span>
            {may('search.read') && (
              <TextLink
                to="/searches/$searchId/compare/$rank"
                params={{ searchId, rank: String(rank) }}
                size="sm"
              >
                {t('ident.toComparison')}
              </TextLink>
            )}
          </Group>
        }
      />
      <Alert color={state === 'withdrawn' ? 'red' : 'gray'} mb="md">
        {t(`term.stateWords.${state}`)} {t('compare.notIdentity')}
      </Alert>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="xl">
            <SignOff identification={identification} />
            <ExaminationList identification={identification} />
            <VerificationList identification={identification} />
            <PersonChoice identification={identification} isOpen={isOpen} />
            <EvidenceList identification={identification} isOpen={isOpen} />
            <Decision identification={identification} />
            {may('report.read') && <ReportList identificationId={id} />}
            {may('transmittal.read') && <TransmittalList identificationId={id} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="xl">
            <StandingTimeline identification={identification} />
            <section>
              <Title order={2} mb="xs">
                {t('ident.told')}
              </Title>
              <ToldList told={told} />
            </section>
            {earlier.length > 0 && (
              <section>
                <Title order={2} mb={4}>
                  {t('ident.earlier')}
                </Title>
                <Text size="sm" c="dimmed" mb="xs">
                  {t('ident.earlierHelp')}
                </Text>
                {earlier.map((one) => (
                  <Group key={one.id} gap="xs">
                    <TextLink
                      to="/identifications/$identificationId"
                      params={{ identificationId: one.id }}
                      size="sm"
                    >
                      {format.time(one.openedAt)}
                    </TextLink>
                    <StateBadge state={one.state} />
                  </Group>
                ))}
              </section>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  )
}

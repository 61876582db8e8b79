import { Badge, Button, Stack, Table, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { useNavigate } from '@tanstack/react-router'
import { useApi } from '../../api.ts'
import { VerificationQueue } from '../identification/verification-queue.tsx'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Blind verification: an examiner's own line-ups, and, for supervisors, those of the agency without what they are about. */
export function LineupsPage() {
  const { t } = useTranslation()
  const may = useMay()
  return (
    <>
      <PageHead title={t('nav.lineups')} note={t('lineup.help')} />
      <Stack gap="xl">
        {may('lineup.examine') && <OwnLineups />}
        {may('lineup.assign') && <VerificationQueue />}
      </Stack>
    </>
  )
}

function OwnLineups() {
  const { t } = useTranslation()
  const format = useFormats()
  const lineups = usePages('listLineups', (cursor) => ({ query: { cursor } }))
  return (
    <section>
      <Title order={2} mb="xs">
        {t('lineup.own')}
      </Title>
      <Pages query={lineups}>
        {(items) => (
          <Stack>
            {!items.some(({ state }) => state === 'taken') && <TakeLineup />}
            {items.length > 0 && (
              <Table verticalSpacing={6} maw={720}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('lineup.taken')}</Table.Th>
                    <Table.Th>{t('lineup.state')}</Table.Th>
                    <Table.Th>{t('lineup.finished')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map(({ id, state, takenAt, finishedAt }) => (
                    <Table.Tr key={id}>
                      <Table.Td>
                        {state === 'taken' ? (
                          <TextLink to="/lineups/$lineupId" params={{ lineupId: id }}>
                            {format.time(takenAt)}
                          </TextLink>
                        ) : (
                          format.time(takenAt)
                        )}
                      </Table.Td>
                      <Table.Td>
                        <Badge variant="default">{t(`lineup.stateIs.${state}`)}</Badge>
                      </Table.Td>
                      <Table.Td>{finishedAt !== null && format.time(finishedAt)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
          </Stack>
        )}
      </Pages>
    </section>
  )
}

function TakeLineup() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const take = useApi('takeLineup', ['listLineups', 'listVerifications'])
  return (
    <EmptyState title={t('lineup.next')} help={t('lineup.nextHelp')}>
      <ProblemAlert error={take.error} />
      <Button
        loading={take.isPending}
        onClick={() =>
          take.mutate(
            { body: {} },
            {
              onSuccess: ({ lineup }) => {
                if (lineup === null) notifications.show({ message: t('lineup.noneWaits') })
                else void navigate({ to: '/lineups/$lineupId', params: { lineupId: lineup.id } })
              },
            },
          )
        }
      >
        {t('lineup.take')}
      </Button>
      <Text size="xs" c="dimmed">
        {t('lineup.takeHelp')}
      </Text>
    </EmptyState>
  )
}

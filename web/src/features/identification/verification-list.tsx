import { Alert, Badge, Button, Group, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { STALE, type Identification } from './identification.ts'

/** Blind verifications and what came of them; after a conflict a supervisor asks a third examiner. */
export function VerificationList({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const third = useApi('askThirdExaminer', STALE)
  const { verifications, needsSupervisor } = identification
  const waits = verifications.some(({ state }) => state === 'waiting')
  return (
    <section>
      <Title order={2} mb="xs">
        {t('ident.verifications')}
      </Title>
      {verifications.length === 0 ? (
        <Text size="sm">{t('ident.noVerification')}</Text>
      ) : (
        <Table.ScrollContainer minWidth={560}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('lineup.round')}</Table.Th>
                <Table.Th>{t('lineup.state')}</Table.Th>
                <Table.Th>{t('ident.verifier')}</Table.Th>
                <Table.Th>{t('ident.outcome')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {verifications.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td>{t(`term.rounds.${one.round === 2 ? 'second' : 'third'}`)}</Table.Td>
                  <Table.Td>
                    <Badge variant="default">{t(`lineup.stateIs.${one.state}`)}</Badge>
                    <Text size="xs" c="dimmed">
                      {format.time(one.finishedAt ?? one.takenAt ?? one.askedAt)}
                    </Text>
                  </Table.Td>
                  <Table.Td>{one.verifier}</Table.Td>
                  <Table.Td>
                    {one.outcome !== null && t(`term.outcomes.${one.outcome}`)}
                    <LineupConclusions
                      examination={identification.examinations.find(
                        ({ verificationId, finishedAt }) => verificationId === one.id && finishedAt !== null,
                      )}
                    />
                    {one.unblindings.map(({ at, by, relation }) => (
                      <Text key={at} size="sm" c="red">
                        {t('ident.unblinded', { by, relation: t(`term.unblindings.${relation}`) })}
                      </Text>
                    ))}
                    {one.cancelReason !== null && (
                      <Text size="xs" c="dimmed">
                        {one.cancelReason}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {waits && may('lineup.assign') && <TextLink to="/lineups">{t('ident.toQueue')}</TextLink>}
      {needsSupervisor && (
        <Alert color="yellow" mt="sm" title={t('ident.conflict')}>
          <Text size="sm" mb="xs">
            {t('ident.conflictHelp')}
          </Text>
          {may('lineup.assign') && !waits && (
            <Group>
              <Button
                size="compact-md"
                loading={third.isPending}
                onClick={() => third.mutate({ params: { id: identification.id }, body: {} })}
              >
                {t('ident.askThird')}
              </Button>
            </Group>
          )}
          <ProblemAlert error={third.error} />
        </Alert>
      )}
    </section>
  )
}

/** What the verifier concluded on each of the six faces. */
function LineupConclusions({
  examination,
}: {
  examination: Identification['examinations'][number] | undefined
}) {
  const { t } = useTranslation()
  return examination?.items.map(({ id, position, role, conclusion }) => (
    <Text key={id} size="xs" fw={role === 'candidate' ? 500 : 400}>
      {position} ({t(`term.roles.${role}`)}): {conclusion !== null && t(`term.conclusions.${conclusion}`)}
    </Text>
  ))
}

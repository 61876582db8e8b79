import { Badge, Button, Group, NativeSelect, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { useFormats } from '../../ui/use-formats.ts'

type Verification = Reply<'listVerifications'>['items'][number]

/** Blind verifications that wait or are under way, for supervisors: given to somebody, or taken back. */
export function VerificationQueue() {
  const { t } = useTranslation()
  const format = useFormats()
  const queue = usePages('listVerifications', (cursor) => ({ query: { cursor } }))
  const [assigning, setAssigning] = useState<Verification>()
  const [recalling, setRecalling] = useState<Verification>()
  const recall = useApi('recallVerification', ['listVerifications', 'showIdentification'])
  return (
    <section>
      <Title order={2} mb={4}>
        {t('lineup.queue')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('lineup.queueHelp')}
      </Text>
      <Pages query={queue}>
        {(all) => {
          const items = all.filter(({ state }) => state === 'waiting' || state === 'taken')
          if (items.length === 0) return <Text size="sm">{t('lineup.queueEmpty')}</Text>
          return (
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('lineup.asked')}</Table.Th>
                    <Table.Th>{t('verify.case')}</Table.Th>
                    <Table.Th>{t('lineup.round')}</Table.Th>
                    <Table.Th>{t('lineup.state')}</Table.Th>
                    <Table.Th>{t('lineup.act')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td>{format.time(row.askedAt)}</Table.Td>
                      <Table.Td>{row.caseNumber}</Table.Td>
                      <Table.Td>{t(`term.rounds.${row.round === 2 ? 'second' : 'third'}`)}</Table.Td>
                      <Table.Td>
                        <Badge variant="default">
                          {t(`lineup.stateIs.${row.state as 'waiting' | 'taken'}`)}
                        </Badge>{' '}
                        {row.verifier}
                      </Table.Td>
                      <Table.Td>
                        {row.state === 'waiting' ? (
                          <Button
                            size="compact-sm"
                            variant="default"
                            aria-label={`${t('lineup.assign')}: ${row.caseNumber}`}
                            onClick={() => setAssigning(row)}
                          >
                            {t('lineup.assign')}
                          </Button>
                        ) : (
                          <Button
                            size="compact-sm"
                            variant="default"
                            aria-label={`${t('lineup.recall')}: ${row.caseNumber}`}
                            onClick={() => setRecalling(row)}
                          >
                            {t('lineup.recall')}
                          </Button>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }}
      </Pages>
      {assigning !== undefined && (
        <AssignDialog verification={assigning} onClose={() => setAssigning(undefined)} />
      )}
      <ReasonDialog
        opened={recalling !== undefined}
        title={t('lineup.recall')}
        warning={t('lineup.recallHelp')}
        act={t('lineup.recall')}
        busy={recall.isPending}
        error={recall.error}
        onClose={() => setRecalling(undefined)}
        onReason={(reason) =>
          recall.mutate(
            { params: { id: recalling!.id }, body: { reason } },
            { onSuccess: () => setRecalling(undefined) },
          )
        }
      />
    </section>
  )
}

function AssignDialog({ verification, onClose }: { verification: Verification; onClose: () => void }) {
  const { t } = useTranslation()
  const params = { id: verification.id }
  const eligible = useQuery(apiQuery('listEligibleVerifiers', { params }))
  const assign = useApi('assignVerification', ['listVerifications', 'showIdentification'])
  const [accountId, setAccountId] = useState('')
  return (
    <FormDialog
      title={t('lineup.assign')}
      act={t('lineup.assign')}
      opened
      busy={assign.isPending}
      error={assign.error ?? eligible.error}
      disabled={accountId === ''}
      onClose={onClose}
      onSubmit={() => assign.mutate({ params, body: { accountId } }, { onSuccess: onClose })}
    >
      {eligible.data?.length === 0 ? (
        <Text size="sm">{t('lineup.nobodyEligible')}</Text>
      ) : (
        <Group grow>
          <NativeSelect
            label={t('lineup.assignTo')}
            description={t('lineup.assignHelp')}
            value={accountId}
            onChange={(event) => setAccountId(event.currentTarget.value)}
            data={[
              { value: '', label: t('lineup.chooseExaminer') },
              ...(eligible.data ?? []).map((one) => ({ value: one.accountId, label: one.name })),
            ]}
          />
        </Group>
      )}
    </FormDialog>
  )
}

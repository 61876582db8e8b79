import { Alert, Button, Group, List, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCheck, IconCircleDashed } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { GATE_STEPS } from '../../../../src/contract/identification-words.ts'
import { useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { STALE, type Identification } from './identification.ts'

/** What stands between this and an identification, step by step, and what can be done now. */
export function SignOff({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const { missing, concernsDead, needsSupervisor, state } = identification
  const steps = GATE_STEPS.filter(
    (step) =>
      (step !== 'primary_identifier' || concernsDead) && (step !== 'supervisor_decision' || needsSupervisor),
  )
  const isOpen = state === 'lead' || state === 'corroborated'
  return (
    <Paper withBorder p="md" component="section" aria-label={t('ident.signOff')}>
      <Stack gap="sm">
        <Title order={2}>{t('ident.signOff')}</Title>
        <List spacing={4} center>
          {steps.map((step) => {
            const isDone = !missing.includes(step)
            return (
              <List.Item
                key={step}
                icon={
                  <ThemeIcon size={22} radius="xl" variant={isDone ? 'filled' : 'default'}>
                    {isDone ? (
                      <IconCheck size={14} aria-hidden />
                    ) : (
                      <IconCircleDashed size={14} aria-hidden />
                    )}
                  </ThemeIcon>
                }
              >
                <Text size="sm">
                  {t(`ident.step.${step}`)}{' '}
                  <Text span inherit c="dimmed">
                    {isDone ? t('ident.stepDone') : t('ident.stepMissing')}
                  </Text>
                </Text>
              </List.Item>
            )
          })}
        </List>
        <ClosenessNotice identification={identification} />
        {isOpen && <NextAct identification={identification} />}
      </Stack>
    </Paper>
  )
}

/** For who signs: what makes decisions look as if one person had made two of them. */
function ClosenessNotice({ identification: { closeness } }: { identification: Identification }) {
  const { t } = useTranslation()
  if (closeness === null || closeness.length === 0) return null
  return (
    <Alert color="yellow" title={t('ident.closeness')}>
      <List size="sm">
        {closeness.map(({ kind, first, second, minutes }) => (
          <List.Item key={`${kind} ${first.what} ${first.by} ${second.what} ${second.by}`}>
            {t(`term.closeness.${kind}`)}{' '}
            {[first, second].map(({ what, by }) => `${t(`term.decisions.${what}`)}: ${by}`).join('; ')};{' '}
            {t('ident.minutesBetween', { minutes })}
          </List.Item>
        ))}
      </List>
      <Text size="sm" mt="xs">
        {t('ident.closenessHelp')}
      </Text>
    </Alert>
  )
}

/** The examiner's part: begin, go on with, or supersede the first examination. */
function NextAct({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const may = useMay()
  const navigate = useNavigate()
  const begin = useApi('beginExamination', STALE)
  const first = identification.examinations.filter(({ verificationId }) => verificationId === null)
  const draft = first.find(({ finishedAt, abandonedAt }) => finishedAt === null && abandonedAt === null)
  if (draft !== undefined && !draft.isOwn)
    return <Text size="sm">{t('ident.isExamined', { name: draft.examiner })}</Text>
  if (draft !== undefined)
    return (
      <TextLink to="/examinations/$examinationId" params={{ examinationId: draft.id }} fw={500}>
        {t('ident.goOn')}
      </TextLink>
    )
  const finished = first.findLast(({ finishedAt }) => finishedAt !== null)
  if (finished !== undefined && !finished.isOwn) return <Waiting identification={identification} />
  if (!may('examination.write')) return <Waiting identification={identification} />
  const act = finished === undefined ? t('ident.examine') : t('ident.supersede')
  return (
    <>
      {finished !== undefined && <Waiting identification={identification} />}
      <ProblemAlert error={begin.error} />
      <Group>
        <Button
          variant={finished === undefined ? 'filled' : 'default'}
          loading={begin.isPending}
          onClick={() =>
            begin.mutate(
              { params: { id: identification.id }, body: {} },
              {
                onSuccess: ({ id }) =>
                  void navigate({ to: '/examinations/$examinationId', params: { examinationId: id } }),
              },
            )
          }
        >
          {act}
        </Button>
      </Group>
    </>
  )
}

function Waiting({ identification: { missing, verifications } }: { identification: Identification }) {
  const { t } = useTranslation()
  if (missing[0] !== 'verification') return null
  const last = verifications.at(-1)
  if (last === undefined || last.state === 'cancelled') return null
  return (
    <Alert color="gray">{last.state === 'taken' ? t('ident.isVerified') : t('ident.waitsForVerifier')}</Alert>
  )
}

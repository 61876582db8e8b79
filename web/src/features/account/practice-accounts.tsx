import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { practiceQuery } from '../../ui/practice-mark.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** The accounts of a practice instance: one click signs in. Nothing anywhere else. */
export function PracticeAccounts({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const { data } = useQuery(practiceQuery)
  const signIn = useMutation({
    meta: { signsIn: true },
    mutationFn: (accountId: string) => api.call('signInForPractice', { body: { accountId } }),
    onSuccess: onDone,
  })
  if (data?.isPractice !== true) return null
  return (
    <Stack gap="xs" component="section" aria-label={t('practice.signInAs')}>
      <Text fw={600}>{t('practice.signInAs')}</Text>
      <Text size="sm" c="dimmed">
        {t('practice.signInHelp')}
      </Text>
      {data.accounts.map(({ accountId, name, roles }) => (
        <Button
          key={accountId}
          variant="default"
          justify="space-between"
          loading={signIn.isPending && signIn.variables === accountId}
          disabled={signIn.isPending && signIn.variables !== accountId}
          rightSection={
            <Text size="sm" c="dimmed" component="span">
              {roles.map((role) => t(`role.${role}`)).join(', ')}
            </Text>
          }
          onClick={() => signIn.mutate(accountId)}
        >
          {name}
        </Button>
      ))}
      <ProblemAlert error={signIn.error} />
    </Stack>
  )
}

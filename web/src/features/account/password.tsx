import { Alert, Button, Group, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RecoveryCodes } from '../../ui/recovery-codes.tsx'

export function ChangePassword() {
  const { t } = useTranslation()
  const change = useApi('changePassword', ['listMySessions'])
  const form = useForm({ initialValues: { current: '', next: '' } })
  const toggle = { 'aria-label': t('auth.showPassword') }
  return (
    <section>
      <Title order={2} mb="xs">
        {t('account.password')}
      </Title>
      <form onSubmit={form.onSubmit((body) => change.mutate({ body }, { onSuccess: () => form.reset() }))}>
        <Stack gap="xs" maw={400}>
          <PasswordInput
            label={t('account.currentPassword')}
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('account.newPassword')}
            description={t('auth.passwordRule')}
            autoComplete="new-password"
            minLength={12}
            required
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('next')}
          />
          <ProblemAlert error={change.error} />
          {change.isSuccess && (
            <Alert role="status" color="petrol">
              {t('account.passwordChanged')}
            </Alert>
          )}
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('account.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </section>
  )
}

export function RenewRecoveryCodes() {
  const { t } = useTranslation()
  const renew = useApi('renewRecoveryCodes')
  const form = useForm({ initialValues: { password: '' } })
  return (
    <section>
      <Title order={2} mb="xs">
        {t('account.recoveryCodes')}
      </Title>
      {renew.data === undefined ? (
        <form onSubmit={form.onSubmit((body) => renew.mutate({ body }))}>
          <Stack gap="xs" maw={400}>
            <Text size="sm" c="dimmed">
              {t('account.recoveryHelp')}
            </Text>
            <PasswordInput
              label={t('auth.password')}
              autoComplete="current-password"
              required
              visibilityToggleButtonProps={{ 'aria-label': t('auth.showPassword') }}
              {...form.getInputProps('password')}
            />
            <ProblemAlert error={renew.error} />
            <Group>
              <Button type="submit" variant="default" loading={renew.isPending}>
                {t('account.renewCodes')}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <RecoveryCodes codes={renew.data.recoveryCodes} />
      )}
    </section>
  )
}

import { Alert, Anchor, Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PracticeAccounts } from '../account/practice-accounts.tsx'
import { api } from '../../api.ts'
import { canUsePasskeys, signInByPasskey } from '../../passkeys.ts'
import { queryClient } from '../../session.ts'
import { EntryFrame } from './entry-frame.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

const route = getRouteApi('/sign-in')
const signsIn = { meta: { signsIn: true } }

/** E-mail and password, then a code from the app or a recovery code; or a passkey alone. */
export function SignInPage() {
  const { t } = useTranslation()
  const { ended } = route.useSearch()
  const [needsCode, setNeedsCode] = useState(false)
  const enter = useEnter()
  return (
    <EntryFrame title={needsCode ? t('auth.secondStep') : t('auth.signIn')}>
      <Stack>
        {ended !== undefined && !needsCode && (
          <Alert color={ended === 'cut_off' ? 'red' : 'yellow'} role="alert" title={t(`auth.ended.${ended}`)}>
            {t(`auth.endedHelp.${ended}`)}
          </Alert>
        )}
        {!needsCode && <PracticeAccounts onDone={() => void enter()} />}
        {needsCode ? (
          <SecondStep onDone={enter} onBack={() => setNeedsCode(false)} />
        ) : (
          <FirstStep onDone={(state) => (state === 'second_factor' ? setNeedsCode(true) : void enter())} />
        )}
      </Stack>
    </EntryFrame>
  )
}

/** Goes where the person was going. */
function useEnter(): () => Promise<void> {
  const router = useRouter()
  const { next } = route.useSearch()
  return async () => {
    queryClient.clear()
    await router.navigate({ href: next ?? '/' })
  }
}

function FirstStep({ onDone }: { onDone: (state: 'signed_in' | 'second_factor') => void }) {
  const { t } = useTranslation()
  const form = useForm({ initialValues: { email: '', password: '' } })
  const signIn = useMutation({
    ...signsIn,
    mutationFn: (body: typeof form.values) => api.call('signIn', { body }),
    onSuccess: ({ state }) => onDone(state),
  })
  const byPasskey = useMutation({
    ...signsIn,
    mutationFn: signInByPasskey,
    onSuccess: () => onDone('signed_in'),
  })
  const cancelled = byPasskey.error instanceof DOMException
  return (
    <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
      <Stack>
        <TextInput
          label={t('auth.email')}
          type="email"
          autoComplete="username"
          required
          data-autofocus
          autoFocus
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('auth.password')}
          autoComplete="current-password"
          required
          {...form.getInputProps('password')}
          visibilityToggleButtonProps={{ 'aria-label': t('auth.showPassword') }}
        />
        <ProblemAlert error={signIn.error} />
        <Button type="submit" loading={signIn.isPending}>
          {t('auth.signIn')}
        </Button>
        {canUsePasskeys && (
          <>
            <Divider label={t('auth.or')} />
            {cancelled ? (
              <Alert color="yellow">{t('auth.passkeyCancelled')}</Alert>
            ) : (
              <ProblemAlert error={byPasskey.error} />
            )}
            <Button
              variant="default"
              leftSection={<IconFingerprint size={18} aria-hidden />}
              loading={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              {t('auth.withPasskey')}
            </Button>
          </>
        )}
        <Text size="sm" c="dimmed">
          {t('auth.noAccount')}
        </Text>
      </Stack>
    </form>
  )
}

function SecondStep({ onDone, onBack }: { onDone: () => Promise<void>; onBack: () => void }) {
  const { t } = useTranslation()
  const [byRecovery, setByRecovery] = useState(false)
  const [recoveryCode, setRecoveryCode] = useState('')
  const check = useMutation({
    ...signsIn,
    mutationFn: (body: { code: string } | { recoveryCode: string }) => api.call('signInWithCode', { body }),
    onSuccess: onDone,
  })
  return (
    <Stack>
      {byRecovery ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            check.mutate({ recoveryCode: recoveryCode.trim() })
          }}
        >
          <Stack>
            <TextInput
              label={t('auth.recoveryCode')}
              description={t('auth.recoveryHelp')}
              value={recoveryCode}
              onChange={(event) => setRecoveryCode(event.currentTarget.value)}
              autoComplete="off"
              autoFocus
              required
            />
            <Button type="submit" loading={check.isPending}>
              {t('auth.signIn')}
            </Button>
          </Stack>
        </form>
      ) : (
        <Stack gap="xs">
          <Text size="sm">{t('auth.codeHelp')}</Text>
          <CodeInput disabled={check.isPending} onComplete={(code) => check.mutate({ code })} />
        </Stack>
      )}
      <ProblemAlert error={check.error} />
      <Anchor component="button" type="button" ta="left" onClick={() => setByRecovery(!byRecovery)}>
        {byRecovery ? t('auth.useCode') : t('auth.useRecovery')}
      </Anchor>
      <Anchor component="button" type="button" ta="left" onClick={onBack}>
        {t('common.back')}
      </Anchor>
    </Stack>
  )
}

const CODE_DIGITS = 6

/** Six digits, sent as soon as the last one stands. */
export function CodeInput({
  disabled,
  onComplete,
}: {
  disabled: boolean
  onComplete: (code: string) => void
}) {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  const change = (typed: string): void => {
    const digits = typed.replaceAll(/\D/g, '').slice(0, CODE_DIGITS)
    setCode(digits)
    if (digits.length === CODE_DIGITS && digits !== code) onComplete(digits)
  }
  return (
    <TextInput
      label={t('auth.code')}
      value={code}
      onChange={(event) => change(event.currentTarget.value)}
      disabled={disabled}
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus
      w={160}
      size="md"
    />
  )
}

import { Alert, Button, Checkbox, Code, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { renderSVG } from 'uqr'
import { api, type Reply } from '../../api.ts'
import { canUsePasskeys, makePasskey, signInByPasskey } from '../../passkeys.ts'
import { queryClient } from '../../session.ts'
import { EntryFrame } from './entry-frame.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RecoveryCodes } from '../../ui/recovery-codes.tsx'
import { CodeInput } from './sign-in-page.tsx'

/** A second factor is set up before anything else can be done. */
export function SecurePage() {
  const { t } = useTranslation()
  const router = useRouter()
  const [started, setStarted] = useState<Reply<'beginTotp'>>()
  const enter = async (): Promise<void> => {
    queryClient.clear()
    await router.navigate({ to: '/' })
  }
  return (
    <EntryFrame title={t('auth.secure')} wide>
      {started === undefined ? (
        <ChooseFactor onTotp={setStarted} onPasskey={enter} />
      ) : (
        <ConfirmTotp started={started} onDone={enter} />
      )}
    </EntryFrame>
  )
}

function ChooseFactor({
  onTotp,
  onPasskey,
}: {
  onTotp: (started: Reply<'beginTotp'>) => void
  onPasskey: () => Promise<void>
}) {
  const { t } = useTranslation()
  const [password, setPassword] = useState('')
  const begin = useMutation({
    meta: { signsIn: true },
    mutationFn: () => api.call('beginTotp', { body: { password } }),
    onSuccess: onTotp,
  })
  // A passkey stands for both factors only in a sign-in of its own; so it is used at once.
  const passkey = useMutation({
    meta: { signsIn: true },
    mutationFn: async () => {
      await makePasskey(t('auth.thisDevice'))
      await signInByPasskey()
    },
    onSuccess: onPasskey,
  })
  return (
    <Stack>
      <Text>{t('auth.secureHelp')}</Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          begin.mutate()
        }}
      >
        <Stack gap="xs">
          <PasswordInput
            label={t('auth.password')}
            description={t('auth.passwordForCodes')}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            visibilityToggleButtonProps={{ 'aria-label': t('auth.showPassword') }}
          />
          <ProblemAlert error={begin.error} />
          <Group>
            <Button
              type="submit"
              loading={begin.isPending}
              leftSection={<IconDeviceMobile size={18} aria-hidden />}
            >
              {t('auth.byApp')}
            </Button>
            {canUsePasskeys && (
              <Button
                variant="default"
                loading={passkey.isPending}
                leftSection={<IconFingerprint size={18} aria-hidden />}
                onClick={() => passkey.mutate()}
              >
                {t('auth.byPasskey')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      {passkey.error instanceof DOMException ? (
        <Alert color="yellow">{t('auth.passkeyCancelled')}</Alert>
      ) : (
        <ProblemAlert error={passkey.error} />
      )}
    </Stack>
  )
}

function ConfirmTotp({ started, onDone }: { started: Reply<'beginTotp'>; onDone: () => Promise<void> }) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  const [confirmed, setConfirmed] = useState(false)
  const confirm = useMutation({
    meta: { signsIn: true },
    mutationFn: (code: string) => api.call('confirmTotp', { body: { code } }),
    onSuccess: () => setConfirmed(true),
  })
  if (!confirmed) {
    const secret = new URL(started.uri).searchParams.get('secret') ?? ''
    return (
      <Stack>
        <Text>{t('auth.scan')}</Text>
        <QrCode text={started.uri} label={t('auth.qrLabel')} />
        <Text size="sm">
          {t('auth.orType')} <Code data-testid="totp-secret">{secret}</Code>
        </Text>
        <Text fw={500}>{t('auth.thenCode')}</Text>
        <CodeInput disabled={confirm.isPending} onComplete={(code) => confirm.mutate(code)} />
        <ProblemAlert error={confirm.error} />
      </Stack>
    )
  }
  return (
    <Stack>
      <RecoveryCodes codes={started.recoveryCodes} />
      <Checkbox
        label={t('auth.recoveryKept')}
        checked={kept}
        onChange={(event) => setKept(event.currentTarget.checked)}
      />
      <Button disabled={!kept} onClick={() => void onDone()}>
        {t('auth.enter')}
      </Button>
    </Stack>
  )
}

function QrCode({ text, label }: { text: string; label: string }) {
  const source = `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 2 }))}`
  return <img src={source} alt={label} width={200} height={200} style={{ background: '#fff' }} />
}

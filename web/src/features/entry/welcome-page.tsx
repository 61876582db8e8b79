import { Alert, Button, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, apiQuery, type Reply } from '../../api.ts'
import { queryClient } from '../../session.ts'
import { EntryFrame } from './entry-frame.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Where set-up and invitation links lead: a name, a password, then the second factor. */
export function WelcomePage() {
  const { t } = useTranslation()
  // After the hash, so that no server and no log ever sees it.
  const [token] = useState(() => globalThis.location.hash.slice(1))
  const invitation = useQuery({ ...apiQuery('showInvitation', { body: { token } }), staleTime: Infinity })
  if (token === '' || invitation.isError) {
    return (
      <EntryFrame title={t('auth.linkDead')}>
        <Text>{t('auth.linkDeadHelp')}</Text>
      </EntryFrame>
    )
  }
  if (invitation.data === undefined) return null
  return <JoinForm token={token} invitation={invitation.data} />
}

function JoinForm({ token, invitation }: { token: string; invitation: Reply<'showInvitation'> }) {
  const { t } = useTranslation()
  const router = useRouter()
  const isSetUp = invitation.email === ''
  const form = useForm({
    initialValues: { email: '', name: '', code: '', password: '', again: '' },
    validate: {
      again: (again, { password }) => (again === password ? null : t('auth.passwordsDiffer')),
    },
  })
  const join = useMutation({
    meta: { signsIn: true },
    mutationFn: async ({ email, name, code, password }: typeof form.values) => {
      const who = { ...(isSetUp ? { email, name } : {}), ...(invitation.needsCode ? { code } : {}) }
      const made = await api.call('acceptInvitation', { body: { token, password, ...who } })
      await api.call('signIn', { body: { email: made.email, password } })
    },
    onSuccess: async () => {
      queryClient.clear()
      await router.navigate({ to: '/secure' })
    },
  })
  return (
    <EntryFrame title={isSetUp ? t('auth.setUp') : t('auth.welcome', { name: invitation.name })}>
      <form onSubmit={form.onSubmit((values) => join.mutate(values))}>
        <Stack>
          {isSetUp ? (
            <>
              <Alert title={t('auth.setUpTitle')}>{t('auth.setUpHelp')}</Alert>
              <TextInput
                label={t('auth.name')}
                autoComplete="name"
                required
                autoFocus
                {...form.getInputProps('name')}
              />
              <TextInput
                label={t('auth.email')}
                type="email"
                autoComplete="username"
                required
                {...form.getInputProps('email')}
              />
            </>
          ) : (
            <>
              <Text>
                {t('auth.invitedBy', { agency: invitation.agency ?? 'Likeness', email: invitation.email })}
              </Text>
              <List size="sm">
                {invitation.roles.map((role) => (
                  <List.Item key={role}>
                    {t(`role.${role}`)}: {t(`roleMay.${role}`)}
                  </List.Item>
                ))}
              </List>
              <input type="hidden" autoComplete="username" value={invitation.email} readOnly />
            </>
          )}
          {invitation.needsCode && (
            <TextInput
              label={t('auth.invitationCode')}
              description={t('auth.invitationCodeHelp')}
              autoComplete="off"
              required
              {...form.getInputProps('code')}
            />
          )}
          <PasswordInput
            label={t('auth.choosePassword')}
            description={t('auth.passwordRule')}
            autoComplete="new-password"
            minLength={12}
            required
            {...form.getInputProps('password')}
            visibilityToggleButtonProps={{ 'aria-label': t('auth.showPassword') }}
          />
          <PasswordInput
            label={t('auth.passwordAgain')}
            autoComplete="new-password"
            required
            {...form.getInputProps('again')}
            visibilityToggleButtonProps={{ 'aria-label': t('auth.showPassword') }}
          />
          <ProblemAlert error={join.error} />
          <Button type="submit" loading={join.isPending}>
            {t('auth.goOn')}
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  )
}

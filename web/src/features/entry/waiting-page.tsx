import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { endSession, meQuery } from '../../session.ts'
import { EntryFrame } from './entry-frame.tsx'

/** How often the page asks whether the device was approved meanwhile. */
const ASK_EVERY_MS = 10_000

/** The device is new to the account, and its agency approves devices: nothing opens until somebody has. */
export function WaitingPage() {
  const { t } = useTranslation()
  const router = useRouter()
  const me = useQuery({ ...meQuery, staleTime: 0, refetchInterval: ASK_EVERY_MS })
  const isOver = me.data?.deviceWaits === false || me.error !== null
  useEffect(() => {
    if (isOver) void router.navigate({ to: '/' })
  }, [isOver, router])
  return (
    <EntryFrame title={t('auth.deviceWaits')} wide>
      <Stack>
        <Text>{t('auth.deviceWaitsHelp')}</Text>
        <Text size="sm" c="dimmed">
          {t('auth.deviceWaitsStay')}
        </Text>
        <Group>
          <Button loading={me.isFetching} onClick={() => void me.refetch()}>
            {t('auth.askAgain')}
          </Button>
          <Button
            variant="default"
            onClick={() => void api.call('signOut', {}).finally(() => endSession('signed_out'))}
          >
            {t('nav.signOut')}
          </Button>
        </Group>
      </Stack>
    </EntryFrame>
  )
}

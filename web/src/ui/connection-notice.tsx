import { Alert } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { API_PREFIX } from '../../../src/contract/endpoints.ts'
import { api, ApiProblem, apiQuery } from '../api.ts'
import { endSession, queryClient } from '../session.ts'

/** Follows the account's event stream: ends the session here when it ends there, and says when the service is away. */
export function ConnectionNotice() {
  const { t } = useTranslation()
  const [lost, setLost] = useState(false)
  useEffect(() => {
    const stream = new EventSource(`${API_PREFIX}/events`)
    stream.addEventListener('hello', () => setLost(false))
    stream.addEventListener('imports', ({ data }: MessageEvent<string>) => {
      queryClient.setQueryData(apiQuery('listRunningImports', {}).queryKey, JSON.parse(data))
      // What ended is in the lists of its collection now.
      void queryClient.invalidateQueries({ queryKey: ['listImports'] })
    })
    stream.addEventListener('service_stops', () => setLost(true))
    stream.addEventListener('cut_off', () => {
      stream.close()
      endSession('cut_off')
    })
    stream.addEventListener('error', () => {
      setLost(true)
      // The browser tries again by itself unless it was refused: then ask why.
      if (stream.readyState === EventSource.CLOSED) void askWhy()
    })
    return () => stream.close()
  }, [])
  if (!lost) return null
  return (
    <Alert
      color="yellow"
      role="status"
      mb="md"
      icon={<IconPlugConnectedX aria-hidden />}
      title={t('common.lost')}
    >
      {t('common.lostHelp')}
    </Alert>
  )
}

async function askWhy(): Promise<void> {
  await api.call('showMe', {}).catch((error: unknown) => {
    if (error instanceof ApiProblem && error.status === 401) {
      endSession(error.code === 'cut_off' ? 'cut_off' : 'signed_out')
    }
  })
}

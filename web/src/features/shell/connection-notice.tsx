import { Alert } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { addressOf } from '../../../../src/contract/client/address-of.ts'
import { api, ApiProblem, apiQuery, type Reply } from '../../api.ts'
import type { Job } from '../collections/job-progress.tsx'
import { endSession, queryClient } from '../../session.ts'

const JOBS = apiQuery('listJobs', { query: {} }).queryKey

/** The first page of jobs with what is new of the current ones. */
function withCurrent(before: Reply<'listJobs'> | undefined, current: Job[]): Reply<'listJobs'> | undefined {
  if (before === undefined) return undefined
  const known = new Set(before.items.map(({ id }) => id))
  const items = before.items.map((job) => current.find(({ id }) => id === job.id) ?? job)
  return { ...before, items: [...current.filter(({ id }) => !known.has(id)), ...items] }
}

/** Follows the account's event stream: ends the session here when it ends there, and says when the service is away. */
export function ConnectionNotice() {
  const { t } = useTranslation()
  const [lost, setLost] = useState(false)
  useEffect(() => {
    const stream = new EventSource(addressOf('streamEvents', {}))
    stream.addEventListener('hello', () => setLost(false))
    stream.addEventListener('imports', ({ data }: MessageEvent<string>) => {
      queryClient.setQueryData(apiQuery('listRunningImports', {}).queryKey, JSON.parse(data))
      // What ended is in the lists of its collection now.
      void queryClient.invalidateQueries({ queryKey: ['listImports'] })
    })
    stream.addEventListener('jobs', ({ data }: MessageEvent<string>) => {
      const jobs = JSON.parse(data) as Job[]
      queryClient.setQueryData(JOBS, (before) => withCurrent(before, jobs))
      if (!jobs.some(({ endedAt }) => endedAt !== null)) return
      for (const read of ['listCollections', 'browseCollection'])
        void queryClient.invalidateQueries({ queryKey: [read] })
    })
    stream.addEventListener('alerts', ({ data }: MessageEvent<string>) => {
      queryClient.setQueryData(apiQuery('countAlerts', {}).queryKey, JSON.parse(data))
      for (const read of ['listAlerts', 'showAlert', 'listStandingSearches'])
        void queryClient.invalidateQueries({ queryKey: [read] })
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

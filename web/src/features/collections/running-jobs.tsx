import { Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { JobProgress } from './job-progress.tsx'

/** Jobs of the agency that have not ended; their progress comes over the stream of events. */
export function RunningJobs() {
  const { t } = useTranslation()
  const jobs = useQuery(apiQuery('listJobs', { query: {} }))
  const open = (jobs.data?.items ?? []).filter(({ state }) => state === 'waiting' || state === 'running')
  if (open.length === 0) return null
  return (
    <section>
      <Title order={2} mb="xs">
        {t('home.jobs')}
      </Title>
      <Stack maw={720}>
        {open.map((job) => (
          <div key={job.id}>
            <TextLink
              to="/collections/$collectionId"
              params={{ collectionId: job.collectionId }}
              search={{ tab: 'retention' }}
            >
              {t(`job.kind.${job.kind}`, { title: job.collectionTitle })}
            </TextLink>
            <JobProgress job={job} />
          </div>
        ))}
      </Stack>
    </section>
  )
}

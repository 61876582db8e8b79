import { Badge, Button, Group, Progress, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

export type Job = Reply<'listJobs'>['items'][number]

/** How far a job is, or how it ended; while it is open it can be ended. */
export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const cancel = useApi('cancelJob', ['listJobs'])
  const isOpen = job.state === 'waiting' || job.state === 'running'
  return (
    <div>
      <Group gap="xs" mb={4}>
        <Badge variant="default">{t(`job.state.${job.state}`)}</Badge>
        <Text size="sm" className="numbers">
          {t('job.soFar', {
            done: format.count(job.done),
            total: format.count(job.total),
            media: format.count(job.media),
            faces: format.count(job.faces),
          })}
        </Text>
        {isOpen && may('collection.erase') && (
          <Button
            size="compact-xs"
            variant="default"
            loading={cancel.isPending}
            aria-label={`${t('job.cancel')}: ${job.collectionTitle}`}
            onClick={() => cancel.mutate({ params: { id: job.id }, body: {} })}
          >
            {t('job.cancel')}
          </Button>
        )}
      </Group>
      {isOpen && job.total > 0 && (
        <Progress value={(100 * job.done) / job.total} aria-label={t('job.progress')} />
      )}
      {job.errorDetail !== null && (
        <Text size="xs" lang="en">
          {job.errorDetail}
        </Text>
      )}
      {job.cancelledBy !== null && (
        <Text size="xs" c="dimmed">
          {t('job.cancelledBy', { name: job.cancelledBy })}
        </Text>
      )}
      <ProblemAlert error={cancel.error} />
    </div>
  )
}

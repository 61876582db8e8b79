import { Button, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { JobProgress } from './job-progress.tsx'

/** Erases everything that a collection holds, as a job that goes on without this page. */
export function EmptyCollection({ collection }: { collection: Reply<'listCollections'>[number] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [asking, { open, close }] = useDisclosure()
  const empty = useApi('emptyCollection', ['listJobs'])
  const jobs = useQuery(apiQuery('listJobs', { query: {} }))
  const own = (jobs.data?.items ?? []).filter(({ collectionId }) => collectionId === collection.id)
  return (
    <section>
      <Title order={2} mb={4}>
        {t('job.emptyTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('job.emptyHelp')}
      </Text>
      <Button
        size="compact-md"
        variant="default"
        color="red"
        disabled={collection.photos + collection.videos === 0}
        onClick={open}
      >
        {t('job.empty')}
      </Button>
      <Stack mt="sm">
        {own.map((job) => (
          <div key={job.id}>
            <Text size="sm">
              {job.askedBy}, {format.time(job.askedAt)}
            </Text>
            <JobProgress job={job} />
          </div>
        ))}
      </Stack>
      <ReasonDialog
        opened={asking}
        title={t('job.empty')}
        warning={t('job.emptyWarning', {
          photos: format.count(collection.photos),
          videos: format.count(collection.videos),
          title: collection.title,
        })}
        act={t('job.empty')}
        busy={empty.isPending}
        error={empty.error}
        onClose={close}
        onReason={(reason) =>
          empty.mutate({ params: { id: collection.id }, body: { reason } }, { onSuccess: close })
        }
      />
    </section>
  )
}

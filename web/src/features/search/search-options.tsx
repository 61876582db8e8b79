import {
  Alert,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { isTyping } from '../../ui/is-typing.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { TextLink } from '../../ui/text-link.tsx'

const LIMITS = ['20', '50', '100', '200', '500']

/** Where to search, from when to when, how many; and the search itself. */
export function SearchOptions({ caseId, faces }: { caseId: string; faces: readonly string[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const navigate = useNavigate()
  const collections = useQuery({ ...apiQuery('listCollections', {}), enabled: may('collection.read') })
  const [left, setLeft] = useState<readonly string[]>([])
  const [since, setSince] = useState('')
  const [until, setUntil] = useState('')
  const [limit, setLimit] = useState('50')
  const search = useApi('searchInCase', ['listSearches'])
  const all = collections.data ?? []
  const searched = all.filter(({ id }) => !left.includes(id))
  const canSearch = faces.length > 0 && searched.length > 0 && !search.isPending

  const run = async (): Promise<void> => {
    const body = {
      faces: [...faces],
      ...(left.length === 0 ? {} : { collections: searched.map(({ id }) => id) }),
      ...(since === '' ? {} : { since }),
      ...(until === '' ? {} : { until }),
      limit: Number(limit),
    }
    const input = { params: { id: caseId }, body, idempotencyKey: crypto.randomUUID() }
    const found = await search.mutateAsync(input).catch(() => undefined)
    if (found !== undefined) await navigate({ to: '/searches/$searchId', params: { searchId: found.id } })
  }
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 's' && canSearch && !isTyping(event)) void run()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })

  return (
    <Paper withBorder p="sm" component="section" aria-label={t('search.where')}>
      <Stack gap="sm">
        <Title order={2}>{t('search.where')}</Title>
        {collections.data?.length === 0 && (
          <Alert color="yellow" title={t('search.noCollections')}>
            {may('collection.change') ? (
              <TextLink to="/collections">{t('search.makeCollection')}</TextLink>
            ) : (
              t('search.askCurator')
            )}
          </Alert>
        )}
        <Stack gap={6}>
          {all.map(({ id, title, faces: count, isOwn, agency }) => (
            <Checkbox
              key={id}
              checked={!left.includes(id)}
              onChange={() => setLeft(left.includes(id) ? left.filter((one) => one !== id) : [...left, id])}
              label={title}
              description={[
                t('search.facesHeld', { count, shown: format.count(count) }),
                ...(isOwn ? [] : [agency]),
              ].join(' · ')}
            />
          ))}
        </Stack>
        <Group grow align="flex-end">
          <TextInput
            type="date"
            label={t('search.since')}
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('search.until')}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </Group>
        {(since !== '' || until !== '') && (
          <Text size="xs" c="dimmed">
            {t('search.undatedLeftOut')}
          </Text>
        )}
        <NativeSelect
          label={t('search.limit')}
          data={LIMITS}
          value={limit}
          onChange={(event) => setLimit(event.currentTarget.value)}
        />
        <ProblemAlert error={search.error} />
        <Button
          size="md"
          leftSection={<IconSearch size={18} aria-hidden />}
          loading={search.isPending}
          disabled={!canSearch}
          onClick={() => void run()}
        >
          {t('search.run')}
        </Button>
        {faces.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('search.pickFace')}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

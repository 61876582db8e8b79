import {
  Badge,
  Button,
  Group,
  Modal,
  NumberInput,
  Radio,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconArrowsShuffle } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { dayFromToday, endOfDay, startOfDay } from '../../../../src/contract/dates.ts'

const route = getRouteApi('/app/reviews')
const FINDINGS = ['in_order', 'not_in_order', 'unclear'] as const
const DEFAULT_DAYS = 30
const DEFAULT_PERCENT = 5

type Review = Reply<'listReviews'>['items'][number]

/** Searches drawn by lot, for supervisors to look whether each was in order. */
export function ReviewsPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const [drawing, { open, close }] = useDisclosure()
  const [settling, setSettling] = useState<string>()
  const reviews = usePages('listReviews', (cursor) => ({ query: { state, cursor } }))
  return (
    <>
      <PageHead title={t('nav.reviews')} note={t('review.help')}>
        <SegmentedControl
          aria-label={t('case.status')}
          value={state ?? 'all'}
          onChange={(value) => void navigate({ search: { state: value === 'all' ? undefined : value } })}
          data={[
            { value: 'all', label: t('case.all') },
            { value: 'open', label: t('review.open') },
            { value: 'done', label: t('review.done') },
          ]}
        />
        {may('review.draw') && (
          <Button leftSection={<IconArrowsShuffle size={16} aria-hidden />} onClick={open}>
            {t('review.draw')}
          </Button>
        )}
      </PageHead>
      <Pages query={reviews}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              title={t('review.none')}
              help={may('review.draw') ? t('review.noneHelp') : t('review.noneWait')}
            />
          ) : (
            <ReviewTable reviews={items} onSettle={setSettling} />
          )
        }
      </Pages>
      <Modal
        opened={drawing}
        onClose={close}
        title={t('review.draw')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <DrawForm onClose={close} />
      </Modal>
      <Modal
        opened={settling !== undefined}
        onClose={() => setSettling(undefined)}
        title={t('review.settle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <SettleForm id={settling ?? ''} onClose={() => setSettling(undefined)} />
      </Modal>
    </>
  )
}

function ReviewTable({ reviews, onSettle }: { reviews: Review[]; onSettle: (id: string) => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('review.search')}</Table.Th>
            <Table.Th>{t('review.drawn')}</Table.Th>
            <Table.Th>{t('review.finding')}</Table.Th>
            <Table.Th>{t('review.note')}</Table.Th>
            <Table.Th>{t('review.by')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reviews.map((review) => (
            <Table.Tr key={review.id}>
              <Table.Td>
                {may('search.read') ? (
                  <TextLink to="/searches/$searchId" params={{ searchId: review.searchId }}>
                    {t('review.look')} {review.searchId.slice(-6)}
                  </TextLink>
                ) : (
                  review.searchId.slice(-6)
                )}
              </Table.Td>
              <Table.Td>
                {format.time(review.drawnAt)}
                <Text size="xs" c="dimmed">
                  {review.drawnBy}
                </Text>
              </Table.Td>
              <Table.Td>
                {review.finding !== null ? (
                  <Badge variant="default">{t(`review.findingIs.${review.finding}`)}</Badge>
                ) : may('review.draw') ? (
                  <Button size="compact-sm" onClick={() => onSettle(review.id)}>
                    {t('review.settle')}
                  </Button>
                ) : (
                  t('review.open')
                )}
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{review.note}</Table.Td>
              <Table.Td>
                {review.reviewedBy}
                {review.reviewedAt !== null && (
                  <Text size="xs" c="dimmed">
                    {format.time(review.reviewedAt)}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function DrawForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const draw = useApi('drawSearches', ['listReviews'])
  const [since, setSince] = useState(() => dayFromToday(-DEFAULT_DAYS))
  const [until, setUntil] = useState(() => dayFromToday(0))
  const [percent, setPercent] = useState<number | string>(DEFAULT_PERCENT)
  const submit = (): void => {
    draw.mutate(
      { body: { since: startOfDay(since), until: endOfDay(until), share: Number(percent) / 100 } },
      {
        onSuccess: (drawn) => {
          onClose()
          notifications.show({
            message:
              drawn.length === 0 ? t('review.drawnNone') : t('review.drawnSome', { count: drawn.length }),
          })
        },
      },
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack>
        <Text size="sm">{t('review.drawHelp')}</Text>
        <Group grow>
          <TextInput
            type="date"
            label={t('search.since')}
            required
            value={since}
            max={until}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('search.until')}
            required
            value={until}
            min={since}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </Group>
        <NumberInput
          label={t('review.share')}
          min={1}
          max={100}
          required
          value={percent}
          onChange={setPercent}
        />
        <ProblemAlert error={draw.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={draw.isPending} disabled={!(Number(percent) > 0)}>
            {t('review.draw')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function SettleForm({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const settle = useApi('settleReview', ['listReviews'])
  const [finding, setFinding] = useState<(typeof FINDINGS)[number]>()
  const [note, setNote] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (finding !== undefined)
          settle.mutate({ params: { id }, body: { finding, note } }, { onSuccess: onClose })
      }}
    >
      <Stack>
        <Radio.Group
          label={t('review.question')}
          required
          value={finding ?? ''}
          onChange={(value) => setFinding(value as typeof finding)}
        >
          <Stack gap={6} mt={6}>
            {FINDINGS.map((one) => (
              <Radio key={one} value={one} label={t(`review.findingIs.${one}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={t('review.note')}
          description={t('review.stays')}
          required
          autosize
          minRows={3}
          maxLength={4000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <ProblemAlert error={settle.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            loading={settle.isPending}
            disabled={finding === undefined || note.trim() === ''}
          >
            {t('review.keep')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

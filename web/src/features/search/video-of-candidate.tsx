import { Alert, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { candidateVideo, trackPicture } from '../../../../src/contract/client/picture-addresses.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import type { Candidate, Search } from '../../ui/candidate-facts.ts'
import { clock } from '../../ui/clock.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { VideoPlayer } from '../../ui/video-player.tsx'
import styles from './video.module.css'

const STRIP_PX = 96

type Track = Reply<'showCandidateTrack'>

/** The video that a candidate is a face of: played from its moment on, the strip of its track, and searches with it. */
export function VideoOfCandidate({ search, candidate }: { search: Search; candidate: Candidate }) {
  const { t } = useTranslation()
  const track = useQuery(
    apiQuery('showCandidateTrack', { params: { id: search.id, rank: String(candidate.rank) } }),
  )
  return (
    <Paper withBorder p="sm" mt="md" component="section" aria-label={t('video.title')}>
      <Title order={2} mb="xs">
        {t('video.title')}
      </Title>
      <Loaded query={track}>
        {(shown) => <TrackView search={search} candidate={candidate} track={shown} />}
      </Loaded>
    </Paper>
  )
}

function TrackView({ search, candidate, track }: { search: Search; candidate: Candidate; track: Track }) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState(track.shown)
  const { moment, faces } = track
  const face = faces.find(({ id }) => id === chosen)
  const { rank, media } = candidate
  const startS = face?.timeS ?? moment.timeS
  return (
    <Stack gap="sm">
      <Text size="sm">
        {t('video.track', {
          track: moment.track,
          from: clock(moment.trackFirstS),
          to: clock(moment.trackLastS),
          of: clock(moment.videoDurationS),
        })}
      </Text>
      {media?.video?.note !== null && media?.video !== null && media !== null && (
        <Alert color="yellow">{t('video.note', { note: media.video.note })}</Alert>
      )}
      <VideoPlayer
        address={(reveal) => candidateVideo(search.id, rank, reveal)}
        startS={startS}
        sensitive={media?.sensitive === true}
        label={t('video.title')}
      />
      <Title order={3} size="h5">
        {t('video.strip')}
      </Title>
      <ul className={styles.strip} aria-label={t('video.strip')}>
        {faces.map(({ id, timeS, isBest }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.still}
              aria-pressed={id === chosen}
              onClick={() => setChosen(id)}
            >
              <img
                src={trackPicture(search.id, rank, id, STRIP_PX * 2)}
                alt={t('video.stillAlt', { time: clock(timeS) })}
                width={STRIP_PX}
                height={STRIP_PX}
                loading="lazy"
              />
              <span className="numbers">
                {clock(timeS)}
                {isBest && ` ${t('video.best')}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <SearchWith search={search} rank={rank} faceId={chosen} timeS={startS} />
    </Stack>
  )
}

/** Searches anew with a moment, or with the whole track: its best frames become probes of the case and are fused. */
function SearchWith({
  search,
  rank,
  faceId,
  timeS,
}: {
  search: Search
  rank: number
  faceId: string
  timeS: number
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const add = useApi('addTrackProbes', ['listProbes'])
  const run = useApi('searchInCase', ['listSearches'])
  const searchWith = async (face: string | undefined): Promise<void> => {
    const { faces } = await add.mutateAsync({
      params: { id: search.caseId },
      body: { searchId: search.id, rank, ...(face === undefined ? {} : { faceId: face }) },
    })
    const found = await run.mutateAsync({ params: { id: search.caseId }, body: { faces } })
    await navigate({ to: '/searches/$searchId', params: { searchId: found.id } })
  }
  const isBusy = add.isPending || run.isPending
  // What went wrong stands below the buttons.
  const start = (face: string | undefined): void => void searchWith(face).catch(() => undefined)
  return (
    <div>
      <Group>
        <Button variant="default" loading={isBusy} onClick={() => start(faceId)}>
          {t('video.searchMoment', { time: clock(timeS) })}
        </Button>
        <Button variant="default" loading={isBusy} onClick={() => start(undefined)}>
          {t('video.searchTrack')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {t('video.searchHelp')}
      </Text>
      <ProblemAlert error={add.error ?? run.error} />
    </div>
  )
}

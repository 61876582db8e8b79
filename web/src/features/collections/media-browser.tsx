import { Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FaceDoubts } from '../../ui/face-doubts.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { EraseDialog } from './erase-dialog.tsx'
import { MediaPicture, type Media } from './media-picture.tsx'
import styles from './media.module.css'

const PICTURE_PX = 320
const PAGE_SIZE = 60
/** As the service takes at once. */
const MOST_ERASED = 100
const TYPING_MS = 400

type View = 'photos' | 'faces'
type WithFaces = 'any' | 'with' | 'without'

/** Photos of an own collection, or the faces on them, with filters; those chosen can be erased. */
export function MediaBrowser({ collectionId }: { collectionId: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const [view, setView] = useState<View>('photos')
  const [faces, setFaces] = useState<WithFaces>('any')
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed.trim(), TYPING_MS)
  const [since, setSince] = useState('')
  const [until, setUntil] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [erasing, setErasing] = useState(false)
  const query = {
    faces: view === 'faces' ? ('with' as const) : faces,
    ...(words === '' ? {} : { words }),
    ...(since === '' ? {} : { since }),
    ...(until === '' ? {} : { until }),
    limit: PAGE_SIZE,
  }
  const media = usePages('browseCollection', (cursor) => ({
    params: { id: collectionId },
    query: { ...query, cursor },
  }))
  const isFiltered = Object.keys(query).length > 2 || query.faces !== 'any'
  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end" component="section" aria-label={t('cand.filters')}>
        <SegmentedControl
          aria-label={t('cand.view')}
          value={view}
          onChange={setView}
          data={(['photos', 'faces'] as const).map((value) => ({ value, label: t(`browse.view.${value}`) }))}
        />
        {view === 'photos' && (
          <SegmentedControl
            aria-label={t('browse.withFaces')}
            value={faces}
            onChange={setFaces}
            data={(['any', 'with', 'without'] as const).map((value) => ({
              value,
              label: t(`browse.facesAre.${value}`),
            }))}
          />
        )}
        <TextInput
          label={t('cand.words')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('browse.since')}
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('browse.until')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        {may('collection.erase') && chosen.length > 0 && (
          <Group gap="xs">
            <Button color="red" variant="light" onClick={() => setErasing(true)}>
              {t('erase.chosen', { count: chosen.length })}
            </Button>
            <Button variant="default" onClick={() => setChosen([])}>
              {t('browse.chooseNone')}
            </Button>
          </Group>
        )}
      </Group>
      <Pages query={media}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              title={isFiltered ? t('browse.nothing') : t('browse.empty')}
              help={isFiltered ? t('browse.nothingHelp') : t('browse.emptyHelp')}
            />
          ) : (
            <ul className={styles.grid} aria-label={t(`browse.view.${view}`)}>
              {items.flatMap((item) =>
                view === 'photos' ? (
                  <li key={item.id}>
                    <PhotoCard
                      collectionId={collectionId}
                      media={item}
                      chosen={chosen.includes(item.id)}
                      canChoose={
                        may('collection.erase') && (chosen.length < MOST_ERASED || chosen.includes(item.id))
                      }
                      onChoose={() => toggle(item.id)}
                    />
                  </li>
                ) : (
                  item.faces.map(({ number }) => (
                    <li key={`${item.id} ${number}`}>
                      <FaceCard collectionId={collectionId} media={item} number={number} />
                    </li>
                  ))
                ),
              )}
            </ul>
          )
        }
      </Pages>
      <EraseDialog
        collectionId={collectionId}
        media={chosen}
        opened={erasing}
        onClose={() => setErasing(false)}
        onErased={() => setChosen([])}
      />
    </Stack>
  )
}

function PhotoCard({
  collectionId,
  media,
  chosen,
  canChoose,
  onChoose,
}: {
  collectionId: string
  media: Media
  chosen: boolean
  canChoose: boolean
  onChoose: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const name = media.sources[0]?.name ?? media.sha256.slice(0, 12)
  return (
    <div className={styles.card} data-chosen={chosen}>
      {canChoose && (
        <Checkbox
          className={styles.choose}
          aria-label={t('browse.choose', { name })}
          checked={chosen}
          onChange={onChoose}
        />
      )}
      <MediaPicture collectionId={collectionId} media={media} side={PICTURE_PX} square />
      <span className={styles.facts}>
        <TextLink
          to="/collections/$collectionId/media/$mediaId"
          params={{ collectionId, mediaId: media.id }}
          size="sm"
          fw={500}
          display="block"
          truncate
          title={name}
        >
          {name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {media.faces.length === 0 ? t('browse.noFace') : t('search.faces', { count: media.faces.length })} ·{' '}
          {format.day(media.addedAt)}
        </Text>
      </span>
    </div>
  )
}

function FaceCard({ collectionId, media, number }: { collectionId: string; media: Media; number: number }) {
  const { t } = useTranslation()
  const name = media.sources[0]?.name ?? ''
  const quality = Number(media.faces.find((face) => face.number === number)?.quality['unifiedScore'])
  return (
    <div className={styles.card}>
      <MediaPicture collectionId={collectionId} media={media} face={number} side={PICTURE_PX} square />
      <span className={styles.facts}>
        <TextLink
          to="/collections/$collectionId/media/$mediaId"
          params={{ collectionId, mediaId: media.id }}
          size="sm"
          display="block"
          truncate
        >
          {t('browse.faceOf', { number, name })}
        </TextLink>
        {Number.isFinite(quality) && (
          <Text size="xs" c="dimmed">
            {t('browse.quality', { percent: Math.round(quality * 100) })}
          </Text>
        )}
        <FaceDoubts faces={media.faces.filter((face) => face.number === number)} />
      </span>
    </div>
  )
}

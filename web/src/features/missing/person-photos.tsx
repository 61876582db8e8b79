import { Badge, Button, Checkbox, Group, Text, Title } from '@mantine/core'
import { IconFileTypePdf, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { personPhotoPicture } from '../../../../src/contract/client/picture-addresses.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import styles from '../collections/media.module.css'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { AddPhoto } from './add-photo.tsx'
import { PosterDialog } from './poster-dialog.tsx'
import { RevealButton } from '../../ui/reveal-button.tsx'

type Person = Reply<'showPerson'>
type Photo = Reply<'listPersonPhotos'>[number]

const FACE_PX = 240

/** Photos of a person, of different ages: what is looked for with. */
export function PersonPhotos({ person }: { person: Person }) {
  const { t } = useTranslation()
  const may = useMay()
  const [asking, setAsking] = useState<'add' | 'poster'>()
  const photos = useQuery(apiQuery('listPersonPhotos', { params: { id: person.id } }))
  const stop = (): void => setAsking(undefined)
  return (
    <section aria-label={t('missing.photos')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('missing.photos')}</Title>
        <Group gap="xs">
          {may('poster.make') && photos.isSuccess && photos.data.length > 0 && (
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconFileTypePdf size={16} aria-hidden />}
              onClick={() => setAsking('poster')}
            >
              {t('missing.poster')}
            </Button>
          )}
          {may('person.change') && !person.retired && (
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setAsking('add')}
            >
              {t('missing.addPhoto')}
            </Button>
          )}
        </Group>
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {t('missing.photosHelp')}
      </Text>
      <Loaded query={photos}>
        {(shown) =>
          shown.length === 0 ? (
            <Text size="sm">{t('missing.noPhotos')}</Text>
          ) : (
            <ul className={styles.grid}>
              {shown.map((photo, at) => (
                <PhotoCard key={photo.id} photo={photo} number={at + 1} canChange={!person.retired} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {asking === 'add' && <AddPhoto personId={person.id} onClose={stop} />}
      {asking === 'poster' && photos.isSuccess && (
        <PosterDialog person={person} photos={photos.data} onClose={stop} />
      )}
    </section>
  )
}

function PhotoCard({ photo, number, canChange }: { photo: Photo; number: number; canChange: boolean }) {
  const { t } = useTranslation()
  const may = useMay()
  const [reveal, setReveal] = useState(false)
  const [erasing, setErasing] = useState(false)
  const change = useApi('changePersonPhoto', ['listPersonPhotos'])
  const erase = useApi('erasePersonPhoto', ['listPersonPhotos'])
  const params = { id: photo.personId, photoId: photo.id }
  return (
    <li className={styles.card}>
      <div className={styles.square}>
        <img
          src={personPhotoPicture(photo, { side: FACE_PX, reveal })}
          alt={t('missing.photoAlt', { number })}
          loading="lazy"
          decoding="async"
        />
        {photo.sensitive && !reveal && <RevealButton onReveal={() => setReveal(true)} />}
      </div>
      <div className={styles.facts}>
        <Text size="sm">
          {photo.takenOn === null ? t('missing.takenUnknown') : t('missing.taken', { date: photo.takenOn })}
        </Text>
        {photo.note !== null && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {photo.note}
          </Text>
        )}
        {photo.faceOrigin === 'examiner' && <Badge variant="default">{t('missing.markedByHand')}</Badge>}
        {canChange && may('person.change') ? (
          <>
            <Checkbox
              size="xs"
              my={6}
              label={t('missing.mayPublishPhoto')}
              checked={photo.mayPublish}
              disabled={change.isPending}
              onChange={(event) =>
                change.mutate({ params, body: { mayPublish: event.currentTarget.checked } })
              }
            />
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${t('missing.erasePhoto')}, ${number}`}
              onClick={() => setErasing(true)}
            >
              {t('missing.erasePhoto')}
            </Button>
          </>
        ) : (
          <Text size="xs" c="dimmed">
            {t('missing.mayPublish')}: {t(photo.mayPublish ? 'missing.yes' : 'missing.no')}
          </Text>
        )}
        <ProblemAlert error={change.error} />
      </div>
      <ReasonDialog
        opened={erasing}
        title={t('missing.erasePhoto')}
        warning={t('missing.erasePhotoHelp')}
        act={t('missing.erasePhoto')}
        busy={erase.isPending}
        error={erase.error}
        onClose={() => setErasing(false)}
        onReason={(reason) =>
          erase.mutate({ params, body: { reason } }, { onSuccess: () => setErasing(false) })
        }
      />
    </li>
  )
}

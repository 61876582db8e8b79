import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi, type Reply } from '../../api.ts'
import { PhotoIntake } from '../../ui/photo-intake.tsx'
import { PointMarker } from '../../ui/point-marker.tsx'
import styles from '../../ui/probe-picture.module.css'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

type Look = Reply<'lookAtPhoto'>

/** Adds a photo: which face is the person's, when it was taken, whether it may be shown in public. */
export function AddPhoto({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const look = useApi('lookAtPhoto')
  const [photo, setPhoto] = useState<{ bytes: Uint8Array; address: string; key: string }>()
  const take = async (files: File[]): Promise<void> => {
    const file = files[0]
    const bytes = new Uint8Array(await file.arrayBuffer())
    setPhoto({ bytes, address: URL.createObjectURL(file), key: crypto.randomUUID() })
    look.mutate({ params: { id: personId }, body: bytes })
  }
  useEffect(() => () => URL.revokeObjectURL(photo?.address ?? ''), [photo])
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('missing.addPhoto')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack>
        <PhotoIntake
          busy={look.isPending}
          compact={photo !== undefined}
          onPhotos={(files) => void take(files)}
        />
        <ProblemAlert error={look.error} />
        {photo !== undefined && look.isSuccess && (
          <Chosen key={photo.key} personId={personId} photo={photo} look={look.data} onClose={onClose} />
        )}
      </Stack>
    </Modal>
  )
}

function Chosen({
  personId,
  photo,
  look,
  onClose,
}: {
  personId: string
  photo: { bytes: Uint8Array; address: string; key: string }
  look: Look
  onClose: () => void
}) {
  const { t } = useTranslation()
  const add = useApi('addPersonPhoto', ['listPersonPhotos'])
  const [face, setFace] = useState(look.faces.length === 1 ? 1 : undefined)
  const [takenOn, setTakenOn] = useState('')
  const [note, setNote] = useState('')
  const [mayPublish, setMayPublish] = useState(false)
  const send = (points?: string): void =>
    add.mutate(
      {
        params: { id: personId },
        query: {
          ...(points === undefined ? { face } : { points }),
          ...(takenOn === '' ? {} : { takenOn }),
          ...(note.trim() === '' ? {} : { note }),
          mayPublish: mayPublish ? 'yes' : 'no',
        },
        body: photo.bytes,
        idempotencyKey: photo.key,
      },
      { onSuccess: onClose },
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t('missing.takenOn')}
            description={t('person.birthDateHelp')}
            pattern="\d{4}(-\d{2}(-\d{2})?)?"
            value={takenOn}
            onChange={(event) => setTakenOn(event.currentTarget.value)}
          />
          <TextInput
            label={t('missing.photoNote')}
            description={t('missing.photoNoteHelp')}
            maxLength={200}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </Group>
        <Checkbox
          label={t('missing.mayPublishPhoto')}
          description={t('missing.mayPublishHelp')}
          checked={mayPublish}
          onChange={(event) => setMayPublish(event.currentTarget.checked)}
        />
        {look.faces.length === 0 ? (
          <>
            <Alert color="yellow">{t('missing.markHelp')}</Alert>
            <PointMarker
              picture={photo.address}
              widthPx={look.widthPx}
              heightPx={look.heightPx}
              busy={add.isPending}
              onMarked={(points) =>
                send(points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(','))
              }
            />
          </>
        ) : (
          <>
            <Text size="sm">{t('missing.whichFace', { count: look.faces.length })}</Text>
            <FaceChoice address={photo.address} look={look} chosen={face} onChoose={setFace} />
          </>
        )}
        <ProblemAlert error={add.error} />
        {look.faces.length > 0 && (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending} disabled={face === undefined}>
              {t('missing.addPhoto')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}

function FaceChoice({
  address,
  look,
  chosen,
  onChoose,
}: {
  address: string
  look: Look
  chosen: number | undefined
  onChoose: (number: number) => void
}) {
  const { t } = useTranslation()
  const { rough } = useFormats()
  return (
    <div className={styles.frame} role="group" aria-label={t('search.facesInPhoto')}>
      <img src={address} width={look.widthPx} height={look.heightPx} alt="" />
      {look.faces.map(({ number, box, quality }) => (
        <button
          key={number}
          type="button"
          className={styles.face}
          aria-pressed={chosen === number}
          aria-label={t('search.faceNumber', { number, quality: rough(Number(quality.unifiedScore)) })}
          onClick={() => onChoose(number)}
          style={{
            left: share(box.x, look.widthPx),
            top: share(box.y, look.heightPx),
            width: share(box.width, look.widthPx),
            height: share(box.height, look.heightPx),
          }}
        >
          <span className={styles.number}>{number}</span>
        </button>
      ))}
    </div>
  )
}

function share(part: number, of: number): string {
  return `${(part / of) * 100}%`
}

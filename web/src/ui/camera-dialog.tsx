import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

const WANTED_WIDTH_PX = 1920
const JPEG_QUALITY = 0.95

/** Takes a photo with the device's camera; the stream ends when the dialog closes. */
export function CameraDialog({
  opened,
  onClose,
  onPhoto,
}: {
  opened: boolean
  onClose: () => void
  onPhoto: (file: File) => void
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('photo.camera')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Camera onPhoto={onPhoto} />
    </Modal>
  )
}

function Camera({ onPhoto }: { onPhoto: (file: File) => void }) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<'starting' | 'running' | 'refused'>('starting')
  useEffect(() => {
    let stream: MediaStream | undefined
    let over = false
    const start = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: WANTED_WIDTH_PX } },
      })
      if (over || video.current === null) return stop(stream)
      video.current.srcObject = stream
      await video.current.play()
      setState('running')
    }
    start().catch(() => setState('refused'))
    return () => {
      over = true
      if (stream !== undefined) stop(stream)
    }
  }, [])
  const take = async (): Promise<void> => {
    const { videoWidth, videoHeight } = video.current!
    const canvas = new OffscreenCanvas(videoWidth, videoHeight)
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY })
    onPhoto(new File([blob], t('photo.fromCamera'), { type: blob.type }))
  }
  return (
    <Stack>
      {state === 'refused' && <Alert color="yellow">{t('photo.noCamera')}</Alert>}
      <video
        ref={video}
        muted
        playsInline
        style={{ width: '100%', background: '#000' }}
        aria-label={t('photo.cameraPicture')}
      />
      <Group justify="flex-end">
        <Button disabled={state !== 'running'} onClick={() => void take()} data-autofocus>
          {t('photo.take')}
        </Button>
      </Group>
    </Stack>
  )
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

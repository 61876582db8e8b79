import { Button, Group, Stack, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconCamera, IconPhotoPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CameraDialog } from './camera-dialog.tsx'

/** As the service allows. */
const LARGEST_BYTES = 64 * 1024 * 1024

/** Takes photos in: dropped, pasted, chosen, or made with the camera. */
export function PhotoIntake({
  busy,
  compact = false,
  label,
  takesPaste = true,
  onPhotos,
}: {
  busy: boolean
  compact?: boolean
  label?: string
  /** With several on one page, only one can have what is pasted. */
  takesPaste?: boolean
  onPhotos: (files: File[]) => void
}) {
  const { t } = useTranslation()
  const [camera, setCamera] = useState(false)
  const open = useRef<() => void>(null)
  const [refused, setRefused] = useState(false)
  usePastedPhotos(takesPaste && !busy, onPhotos)
  return (
    <Stack gap="xs">
      <Dropzone
        openRef={open}
        loading={busy}
        maxSize={LARGEST_BYTES}
        activateOnKeyboard={false}
        enablePointerEvents
        p={compact ? 'sm' : 'xl'}
        onDrop={(files) => {
          setRefused(false)
          onPhotos(files)
        }}
        onReject={() => setRefused(true)}
        inputProps={{ 'aria-label': label ?? t('photo.choose') }}
        tabIndex={-1}
        role="group"
        aria-label={label ?? t('photo.intake')}
      >
        <Stack align="center" gap="xs">
          {!compact && <IconPhotoPlus size={40} stroke={1.2} aria-hidden />}
          <Text ta="center" size={compact ? 'sm' : 'md'}>
            {takesPaste ? t('photo.dropOrPaste') : t('photo.drop')}
          </Text>
          <Group gap="xs" justify="center">
            <Button
              variant={compact ? 'default' : 'filled'}
              onClick={(event) => {
                event.stopPropagation()
                open.current?.()
              }}
            >
              {t('photo.choose')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconCamera size={18} aria-hidden />}
              onClick={(event) => {
                event.stopPropagation()
                setCamera(true)
              }}
            >
              {t('photo.camera')}
            </Button>
          </Group>
          {!compact && (
            <Text size="xs" c="dimmed" ta="center">
              {t('photo.formats')}
            </Text>
          )}
        </Stack>
      </Dropzone>
      {refused && (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {t('photo.tooLarge')}
        </Text>
      )}
      <CameraDialog
        opened={camera}
        onClose={() => setCamera(false)}
        onPhoto={(file) => {
          setCamera(false)
          onPhotos([file])
        }}
      />
    </Stack>
  )
}

function usePastedPhotos(active: boolean, onPhotos: (files: File[]) => void): void {
  useEffect(() => {
    if (!active) return undefined
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
      if (files.length === 0) return
      event.preventDefault()
      onPhotos(files)
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [active, onPhotos])
}

import { Button, Text } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clock } from './clock.ts'

/**
 * Plays a video's copy from a moment on. The first time the service makes the copy, which takes a while; a sensitive one is
 * blurred until somebody asks, which is written down.
 */
export function VideoPlayer({
  address,
  startS,
  sensitive,
  label,
}: {
  address: (reveal: boolean) => string
  startS: number
  sensitive: boolean
  label: string
}) {
  const { t } = useTranslation()
  const player = useRef<HTMLVideoElement>(null)
  const [revealed, setRevealed] = useState(false)
  const [state, setState] = useState<'closed' | 'waiting' | 'ready' | 'failed'>('closed')
  useEffect(() => {
    if (state === 'ready' && player.current !== null) player.current.currentTime = startS
  }, [startS, state])
  if (state === 'closed') {
    return (
      <div>
        <Button variant="default" onClick={() => setState('waiting')}>
          {t('video.play', { time: clock(startS) })}
        </Button>
        <Text size="xs" c="dimmed" mt={4}>
          {t('video.copyHelp')}
        </Text>
      </div>
    )
  }
  return (
    <div>
      {/* A person speaks in it or not; nobody has written down what. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- evidence comes without captions */}
      <video
        ref={player}
        key={String(revealed)}
        controls
        preload="auto"
        src={address(revealed)}
        aria-label={label}
        style={{ width: '100%', maxHeight: 480, background: '#000' }}
        onLoadedMetadata={() => setState('ready')}
        onError={() => setState('failed')}
      />
      <Text size="xs" c="dimmed" role="status">
        {state === 'waiting' && t('video.making')}
        {state === 'failed' && t('video.failed')}
      </Text>
      {sensitive && !revealed && (
        <Button
          size="compact-xs"
          color="dark"
          leftSection={<IconEye size={14} aria-hidden />}
          onClick={() => {
            setState('waiting')
            setRevealed(true)
          }}
        >
          {t('cand.reveal')}
        </Button>
      )}
    </div>
  )
}

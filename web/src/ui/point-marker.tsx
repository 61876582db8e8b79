import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './probe-picture.module.css'

interface Point {
  x: number
  y: number
}

const POINTS = ['rightEye', 'leftEye', 'nose', 'rightMouth', 'leftMouth'] as const
/** An arrow key moves the cross by this share of the picture's width; with Shift by a tenth of it. */
const KEY_STEP = 0.01

/** Five points set by hand where the detector found nothing: with the mouse, or with arrows and Enter. */
export function PointMarker({
  picture,
  widthPx,
  heightPx,
  busy,
  onMarked,
}: {
  /** Address of the picture. */
  picture: string
  /** Its size, whatever the size it is shown in; the points are in these pixels. */
  widthPx: number
  heightPx: number
  busy: boolean
  onMarked: (points: Point[]) => void
}) {
  const { t } = useTranslation()
  const [points, setPoints] = useState<Point[]>([])
  const [cross, setCross] = useState<Point>({ x: widthPx / 2, y: heightPx / 2 })
  const next = POINTS[points.length] as (typeof POINTS)[number] | undefined
  const put = (point: Point): void => {
    if (next !== undefined) setPoints([...points, point])
  }
  const press = (event: KeyboardEvent): void => {
    const step = widthPx * KEY_STEP * (event.shiftKey ? 0.1 : 1)
    const moves: Record<string, Point> = {
      ArrowLeft: { x: -step, y: 0 },
      ArrowRight: { x: step, y: 0 },
      ArrowUp: { x: 0, y: -step },
      ArrowDown: { x: 0, y: step },
    }
    const move = moves[event.key]
    if (move !== undefined) {
      setCross({ x: clamp(cross.x + move.x, widthPx), y: clamp(cross.y + move.y, heightPx) })
    } else if (event.key === 'Enter') put(cross)
    else if (event.key === 'Backspace') setPoints(points.slice(0, -1))
    else return
    event.preventDefault()
  }
  const click = (event: PointerEvent<SVGSVGElement>): void => {
    const area = event.currentTarget.getBoundingClientRect()
    put({
      x: ((event.clientX - area.left) / area.width) * widthPx,
      y: ((event.clientY - area.top) / area.height) * heightPx,
    })
  }
  const radius = widthPx / 150
  return (
    <Stack gap="xs">
      <Paper withBorder p="xs">
        <Text size="sm" fw={500} role="status">
          {next === undefined
            ? t('mark.done')
            : t('mark.next', { point: t(`mark.${next}`), number: points.length + 1 })}
        </Text>
        <Text size="xs" c="dimmed">
          {t('mark.help')}
        </Text>
      </Paper>
      <div className={styles.frame}>
        <img src={picture} width={widthPx} height={heightPx} alt="" />
        <svg
          className={`${styles.overlay} ${styles.drawable}`}
          viewBox={`0 0 ${widthPx} ${heightPx}`}
          role="application"
          tabIndex={0}
          aria-label={t('mark.area')}
          onKeyDown={press}
          onPointerDown={click}
        >
          {points.map((point, at) => (
            <circle
              key={POINTS[at]}
              cx={point.x}
              cy={point.y}
              r={radius}
              fill="#4fd8ea"
              stroke="#000"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {next !== undefined && (
            <path
              d={`M${cross.x - radius * 3} ${cross.y}h${radius * 6}M${cross.x} ${cross.y - radius * 3}v${radius * 6}`}
              stroke="#ffd43b"
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
      </div>
      <Group justify="flex-end">
        <Button
          variant="default"
          disabled={points.length === 0}
          onClick={() => setPoints(points.slice(0, -1))}
        >
          {t('mark.back')}
        </Button>
        <Button loading={busy} disabled={next !== undefined} onClick={() => onMarked(points)}>
          {t('mark.use')}
        </Button>
      </Group>
    </Stack>
  )
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(0, value), most)
}

import { useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { probePicture } from '../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../api.ts'
import type { Adjustment, Crop } from './adjust-panel.tsx'
import styles from './probe-picture.module.css'
import { useFormats } from './use-formats.ts'

type Probe = Reply<'showProbe'>

const PICTURE_PX = 1600
/** Smaller is a slip of the hand. */
const SMALLEST_CROP_PX = 16

/** A probe with its faces boxed: each is a switch, reached with the mouse, Tab or the arrows. */
export function ProbePicture({
  probe,
  chosen,
  onToggle,
  adjustment,
  onCrop,
  height,
}: {
  probe: Probe
  chosen: readonly string[]
  onToggle: ((faceId: string) => void) | undefined
  adjustment: Adjustment
  onCrop: ((crop: Crop) => void) | undefined
  /** Largest, as CSS says it. */
  height?: string
}) {
  const { t } = useTranslation()
  const { rough } = useFormats()
  const frame = useRef<HTMLDivElement>(null)
  const { rotate, exposure, contrast, crop } = adjustment
  const moveFocus = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const faces = [...frame.current!.querySelectorAll<HTMLElement>('[aria-pressed]')]
    const at = faces.indexOf(document.activeElement as HTMLElement)
    faces[(at + step + faces.length) % faces.length]?.focus()
  }
  return (
    <div
      ref={frame}
      className={styles.frame}
      style={height === undefined ? undefined : ({ '--picture-height': height } as CSSProperties)}
      role="group"
      aria-label={t('search.facesInPhoto')}
      onKeyDown={moveFocus}
    >
      <img
        src={probePicture(probe.id, PICTURE_PX)}
        width={probe.widthPx}
        height={probe.heightPx}
        alt={t('search.photoAlt', { label: probe.label ?? t('search.unnamed') })}
        style={{
          filter: `brightness(${2 ** exposure}) contrast(${contrast})`,
          transform: `rotate(${rotate}deg)`,
        }}
      />
      {onToggle !== undefined &&
        probe.faces.map(({ id, number, box, quality }) => (
          <button
            key={id}
            type="button"
            className={styles.face}
            aria-pressed={chosen.includes(id)}
            aria-label={t('search.faceNumber', { number, quality: rough(Number(quality.unifiedScore)) })}
            onClick={() => onToggle(id)}
            style={{
              left: share(box.x, probe.widthPx),
              top: share(box.y, probe.heightPx),
              width: share(box.width, probe.widthPx),
              height: share(box.height, probe.heightPx),
            }}
          >
            <span className={styles.number}>{number}</span>
          </button>
        ))}
      {onCrop !== undefined && <CropLayer probe={probe} crop={crop} onCrop={onCrop} />}
    </div>
  )
}

function CropLayer({
  probe,
  crop,
  onCrop,
}: {
  probe: Probe
  crop: Crop | undefined
  onCrop: (crop: Crop) => void
}) {
  const [from, setFrom] = useState<{ x: number; y: number }>()
  const { widthPx, heightPx } = probe
  const placeOf = (event: PointerEvent<SVGSVGElement>): { x: number; y: number } => {
    const area = event.currentTarget.getBoundingClientRect()
    return {
      x: within(((event.clientX - area.left) / area.width) * widthPx, widthPx),
      y: within(((event.clientY - area.top) / area.height) * heightPx, heightPx),
    }
  }
  const draw = (event: PointerEvent<SVGSVGElement>): void => {
    if (from === undefined) return
    const to = placeOf(event)
    const next = {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    }
    if (next.width >= SMALLEST_CROP_PX && next.height >= SMALLEST_CROP_PX) onCrop(next)
  }
  return (
    <svg
      className={`${styles.overlay} ${styles.drawable}`}
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      preserveAspectRatio="none"
      aria-hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setFrom(placeOf(event))
      }}
      onPointerMove={draw}
      onPointerUp={() => setFrom(undefined)}
    >
      {crop !== undefined && (
        <>
          <path
            d={`M0 0H${widthPx}V${heightPx}H0Z M${crop.x} ${crop.y}v${crop.height}h${crop.width}v${-crop.height}Z`}
            fill="#000a"
            fillRule="evenodd"
          />
          <rect {...crop} fill="none" stroke="#4fd8ea" strokeWidth={2} vectorEffect="non-scaling-stroke" />
        </>
      )}
    </svg>
  )
}

function share(px: number, of: number): string {
  return `${(100 * px) / of}%`
}

function within(value: number, most: number): number {
  return Math.round(Math.min(Math.max(0, value), most))
}

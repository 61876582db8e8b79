import { useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChecklistEntry, Region } from '../../../../src/contract/examination-words.ts'
import styles from './examination.module.css'

type Feature = ChecklistEntry['feature']

export interface NumberedRegion {
  number: number
  feature: Feature
  region: Region
}

/** Smaller ones are slips of the hand, in shares of the side. */
const LEAST_SIDE = 0.02
/** Enter draws one of this side in the middle; arrows move it by this step. */
const DEFAULT_SIDE = 0.2
const STEP = 0.01

/** A picture of an examination with the regions of its checklist; with `onDraw`, one more is drawn by mouse or keyboard. */
export function RegionPicture({
  address,
  alt,
  regions,
  chosen,
  onDraw,
}: {
  address: string
  alt: string
  regions: readonly NumberedRegion[]
  chosen?: Feature | undefined
  onDraw?: ((region: Region) => void) | undefined
}) {
  const { t } = useTranslation()
  const [from, setFrom] = useState<{ x: number; y: number }>()
  const [drawn, setDrawn] = useState<Region>()
  const held = regions.find(({ feature }) => feature === chosen)?.region
  const finish = (region: Region | undefined): void => {
    setFrom(undefined)
    setDrawn(undefined)
    if (region !== undefined && region.width >= LEAST_SIDE && region.height >= LEAST_SIDE) onDraw?.(region)
  }
  const drawing =
    onDraw === undefined || chosen === undefined
      ? { role: 'group' as const, 'aria-label': alt }
      : {
          role: 'button' as const,
          tabIndex: 0,
          'aria-label': t('exam.drawOn', { feature: t(`term.features.${chosen}`), picture: alt }),
          onPointerDown: (event: PointerEvent<HTMLElement>) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            setFrom(at(event))
          },
          onPointerMove: (event: PointerEvent<HTMLElement>) => {
            if (from !== undefined) setDrawn(between(from, at(event)))
          },
          onPointerUp: () => finish(drawn),
          onPointerCancel: () => finish(undefined),
          onKeyDown: (event: KeyboardEvent) => {
            const region = afterKey(held, event)
            if (region === undefined) return
            event.preventDefault()
            onDraw(region)
          },
        }
  const shown = regions.filter(({ feature }) => drawn === undefined || feature !== chosen)
  return (
    <div className={styles.frame} data-drawing={onDraw !== undefined && chosen !== undefined} {...drawing}>
      <img src={address} alt={alt} draggable={false} />
      <svg className={styles.regions} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden>
        {shown.map(({ feature, region }) => (
          <RegionBox key={feature} region={region} isChosen={feature === chosen} />
        ))}
        {drawn !== undefined && <RegionBox region={drawn} isChosen />}
      </svg>
      {shown.map(({ feature, number, region }) => (
        <span
          key={feature}
          className={styles.number}
          data-chosen={feature === chosen}
          style={{ left: `${region.x * 100}%`, top: `${region.y * 100}%` }}
          aria-hidden
        >
          {number}
        </span>
      ))}
    </div>
  )
}

/** Light on dark, so that it is seen on every skin and background. */
function RegionBox({ region, isChosen }: { region: Region; isChosen: boolean }) {
  return (
    <>
      <rect {...region} fill="none" stroke="#000" strokeWidth={3} vectorEffect="non-scaling-stroke" />
      <rect
        {...region}
        fill="none"
        stroke={isChosen ? '#ff7ab8' : '#4fd8ea'}
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
      />
    </>
  )
}

/** Where the pointer is, in shares of the side. */
function at(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const area = event.currentTarget.getBoundingClientRect()
  return {
    x: share((event.clientX - area.left) / area.width),
    y: share((event.clientY - area.top) / area.height),
  }
}

function between(a: { x: number; y: number }, b: { x: number; y: number }): Region {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  }
}

/** Enter puts a region in the middle; arrows move it, with Shift they change its size. */
function afterKey(held: Region | undefined, event: KeyboardEvent): Region | undefined {
  const middle = (1 - DEFAULT_SIDE) / 2
  if (event.key === 'Enter') return { x: middle, y: middle, width: DEFAULT_SIDE, height: DEFAULT_SIDE }
  const across = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key] ?? 0
  const down = { ArrowUp: -STEP, ArrowDown: STEP }[event.key] ?? 0
  if (held === undefined || (across === 0 && down === 0)) return undefined
  const { x, y, width, height } = held
  if (!event.shiftKey) return { ...held, x: within(x + across, 1 - width), y: within(y + down, 1 - height) }
  return {
    ...held,
    width: Math.max(LEAST_SIDE, within(width + across, 1 - x)),
    height: Math.max(LEAST_SIDE, within(height + down, 1 - y)),
  }
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}

function share(value: number): number {
  return within(value, 1)
}

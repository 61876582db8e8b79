import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef, type PointerEvent, type ReactNode } from 'react'
import styles from './workbench.module.css'
import { zoomAbout, type Side, type View } from './view.ts'

export interface Picture {
  /** Address at which the picture has at most this many pixels on its long side. */
  address: (side: number) => string
  widthPx: number
  heightPx: number
  face: { x: number; y: number; width: number; height: number }
  alt: string
}

/** Share of the pane that an aligned face takes. */
const FACE_SHARE = 0.6
/** Long sides that are asked for: one that is quick, and the largest that the service makes, when zoomed in. */
const FIRST_PX = 2048
const LARGEST_PX = 4096
const SHARPEN_FROM_ZOOM = 2
const WHEEL_ZOOM = 0.0015

/** A place for one picture, or several on top of each other, that is dragged and zoomed with the pointer. */
export function Pane({
  view,
  onView,
  label,
  grid,
  children,
}: {
  view: View
  onView: (view: View) => void
  label: string
  grid: boolean
  children: (size: { width: number; height: number }) => ReactNode
}) {
  const { ref: measured, width, height } = useElementSize<HTMLDivElement>()
  const stage = useRef<HTMLDivElement>(null)
  const ref = useMergedRef(measured, stage)
  const drag = useRef<{ x: number; y: number }>(null)
  const latest = useRef(view)
  latest.current = view
  // React listens to wheels passively, and so could not keep the page from scrolling.
  useEffect(() => {
    const element = stage.current
    if (element === null) return undefined
    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      const area = element.getBoundingClientRect()
      const x = event.clientX - area.left - area.width / 2
      const y = event.clientY - area.top - area.height / 2
      onView(zoomAbout(latest.current, Math.exp(-event.deltaY * WHEEL_ZOOM), x, y))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [onView])
  const move = (event: PointerEvent): void => {
    if (drag.current === null) return
    const { x, y } = drag.current
    drag.current = { x: event.clientX, y: event.clientY }
    onView({ ...view, panX: view.panX + event.clientX - x, panY: view.panY + event.clientY - y })
  }
  return (
    <figure className={styles.pane} aria-label={label}>
      <div
        ref={ref}
        className={styles.stage}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerMove={move}
        onPointerUp={() => {
          drag.current = null
        }}
      >
        {width > 0 && children({ width, height })}
        {grid && <div className={styles.grid} />}
      </div>
      <figcaption className={styles.caption}>{label}</figcaption>
    </figure>
  )
}

/** One picture in a pane: its face, or its whole, in the middle; then the shared view on top. All by transforms, which the graphics card does. */
export function PlacedPicture({
  picture,
  pane,
  view,
  side,
  whole,
  markFace = false,
}: {
  picture: Picture
  pane: { width: number; height: number }
  view: View
  side: Side
  whole: boolean
  markFace?: boolean
}) {
  const { widthPx, heightPx, face } = picture
  const centre = whole
    ? { x: widthPx / 2, y: heightPx / 2 }
    : { x: face.x + face.width / 2, y: face.y + face.height / 2 }
  const fit = whole
    ? Math.min(pane.width / widthPx, pane.height / heightPx)
    : (FACE_SHARE * Math.min(pane.width, pane.height)) / Math.max(face.width, face.height)
  const transform = [
    `translate(${pane.width / 2 + view.panX}px, ${pane.height / 2 + view.panY}px)`,
    `scale(${view.zoom})`,
    `rotate(${view.turn + side.turn}deg)`,
    side.flipped ? 'scaleX(-1)' : '',
    `scale(${fit})`,
    `translate(${-centre.x}px, ${-centre.y}px)`,
  ].join(' ')
  const needsAll = fit * view.zoom * Math.max(widthPx, heightPx) > FIRST_PX || view.zoom >= SHARPEN_FROM_ZOOM
  return (
    <div className={styles.placed} style={{ width: widthPx, height: heightPx, transform }}>
      <img
        src={picture.address(needsAll ? LARGEST_PX : FIRST_PX)}
        alt={picture.alt}
        draggable={false}
        style={{
          width: widthPx,
          height: heightPx,
          filter:
            side.brightness === 1 && side.contrast === 1
              ? undefined
              : `brightness(${side.brightness}) contrast(${side.contrast})`,
        }}
      />
      {markFace && (
        <svg className={styles.mark} viewBox={`0 0 ${widthPx} ${heightPx}`} aria-hidden>
          <rect {...face} fill="none" stroke="#4fd8ea" strokeWidth={2} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </div>
  )
}

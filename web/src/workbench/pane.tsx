import { useDebouncedValue, useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef, type PointerEvent, type ReactNode } from 'react'
import { placePicture, scaleOf, type Framed } from './placement.ts'
import styles from './workbench.module.css'
import { zoomAbout, type Frame, type Side, type View } from './view.ts'

export interface Picture extends Framed {
  /** Address at which the picture has at most this many pixels on its long side. */
  address: (side: number) => string
  alt: string
}

/**
 * Long sides that are asked for: one that is quick, then copies of the next size when the pane has more pixels for the
 * picture than the one shown. The last is more than most originals have: it is the original in its own pixels.
 */
const SIDES_PX = [2048, 4096, 8192]
const WHEEL_ZOOM = 0.0015
/** A larger copy is asked for when zooming has paused for this long: loading and drawing it would make the zoom stutter. */
const SETTLED_MS = 150

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
  useEffect(() => {
    latest.current = view
  })
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
  frame,
  markFace = false,
}: {
  picture: Picture
  pane: { width: number; height: number }
  view: View
  side: Side
  frame: Frame
  markFace?: boolean
}) {
  const { widthPx, heightPx, face } = picture
  const matrix = placePicture(picture, pane, view, side, frame)
  const longSidePx = Math.max(widthPx, heightPx)
  const [settledScale] = useDebouncedValue(scaleOf(matrix), SETTLED_MS)
  const wantedPx = Math.min(longSidePx, settledScale * longSidePx * devicePixelRatio)
  const sharper =
    wantedPx <= SIDES_PX[0] ? undefined : (SIDES_PX.find((side) => side >= wantedPx) ?? SIDES_PX.at(-1)!)
  return (
    <div className={styles.placed} style={{ width: widthPx, height: heightPx, transform: matrix.toString() }}>
      <img
        src={picture.address(SIDES_PX[0])}
        alt={picture.alt}
        draggable={false}
        style={{ width: widthPx, height: heightPx, filter: filterOf(side) }}
      />
      {sharper !== undefined && (
        // Over the quick one, which stays until this one has come.
        <img
          className={styles.sharper}
          src={picture.address(sharper)}
          alt=""
          draggable={false}
          decoding="async"
          style={{ width: widthPx, height: heightPx, filter: filterOf(side) }}
        />
      )}
      {markFace && (
        <svg className={styles.mark} viewBox={`0 0 ${widthPx} ${heightPx}`} aria-hidden>
          <rect {...face} fill="none" stroke="#4fd8ea" strokeWidth={2} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </div>
  )
}

function filterOf({ brightness, contrast }: Side): string | undefined {
  return brightness === 1 && contrast === 1 ? undefined : `brightness(${brightness}) contrast(${contrast})`
}

import { useState, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { NoteShape } from '../../../src/contract/mark-endpoints.ts'
import { NoteLayer } from './note-layer.tsx'
import { toPicture, type Point } from './placement.ts'
import styles from './workbench.module.css'

export type Pen = NoteShape['kind']

/** Shorter strokes are slips of the hand. */
const LEAST_PX = 6
/** Points of a line nearer than this to the last one say nothing more. */
const STEP_PX = 3
const MOST_POINTS = 400
/** Without a pointer, Enter draws a shape of this size in the middle. */
const DEFAULT_PX = 40

/** Over a pane while a pen is chosen: what is drawn is given in pixels of the picture. */
export function DrawLayer({
  pen,
  pane,
  matrix,
  onDrawn,
}: {
  pen: Pen
  pane: { width: number; height: number }
  matrix: DOMMatrix
  onDrawn: (shape: NoteShape) => void
}) {
  const { t } = useTranslation()
  const [stroke, setStroke] = useState<readonly Point[]>([])
  const finish = (points: readonly Point[]): void => {
    setStroke([])
    const shape = shapeOf(pen, points, matrix)
    if (shape !== undefined) onDrawn(shape)
  }
  const shown = shapeOf(pen, stroke, matrix)
  return (
    <div
      className={styles.draw}
      role="button"
      tabIndex={0}
      aria-label={t('note.drawHere')}
      onPointerDown={(event) => {
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        setStroke([at(event)])
      }}
      onPointerMove={(event) => {
        if (stroke.length === 0) return
        event.stopPropagation()
        const point = at(event)
        const last = stroke[stroke.length - 1]
        const isNear = Math.hypot(point.x - last.x, point.y - last.y) < STEP_PX
        if (!isNear && stroke.length < MOST_POINTS) setStroke([...stroke, point])
      }}
      onPointerUp={() => finish(stroke)}
      onPointerCancel={() => setStroke([])}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        event.stopPropagation()
        const middle = { x: pane.width / 2, y: pane.height / 2 }
        finish([
          { x: middle.x - DEFAULT_PX, y: middle.y - DEFAULT_PX },
          { x: middle.x + DEFAULT_PX, y: middle.y + DEFAULT_PX },
        ])
      }}
    >
      {shown !== undefined && <NoteLayer matrix={matrix} notes={[{ number: 0, shape: shown }]} />}
    </div>
  )
}

/** A stroke in pixels of the pane as a shape in pixels of the picture; undefined when it is too short. */
function shapeOf(pen: Pen, stroke: readonly Point[], matrix: DOMMatrix): NoteShape | undefined {
  const [first, last] = [stroke[0], stroke.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const points = stroke.map((point) => toPicture(matrix, point))
  const [from, to] = [points[0], points[points.length - 1]]
  if (pen === 'line') return points.length < 2 ? undefined : { kind: 'line', points }
  if (Math.hypot(last.x - first.x, last.y - first.y) < LEAST_PX) return undefined
  if (pen === 'arrow') return { kind: 'arrow', from, to }
  return {
    kind: 'ellipse',
    centre: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
    radiusX: Math.abs(to.x - from.x) / 2,
    radiusY: Math.abs(to.y - from.y) / 2,
  }
}

/** Where the pointer is, in pixels of the pane. */
function at(event: PointerEvent<HTMLElement>): Point {
  const area = event.currentTarget.getBoundingClientRect()
  return { x: event.clientX - area.left, y: event.clientY - area.top }
}

import { useTranslation } from 'react-i18next'
import type { NoteShape } from '../../../src/contract/mark-endpoints.ts'
import type { Point } from './placement.ts'
import styles from './workbench.module.css'

/** A note with its number in the list. */
export interface NumberedNote {
  number: number
  shape: NoteShape
}

/** Pixels on the screen, whatever the zoom. */
const LABEL_PX = 15
const HEAD_PX = 12
/** Half the angle of an arrow's head. */
const HEAD_RADIANS = 0.45

/** Notes laid over a picture, in a pane; lines keep their width and numbers their size whatever the zoom. */
export function NoteLayer({ matrix, notes }: { matrix: DOMMatrix; notes: readonly NumberedNote[] }) {
  const { t } = useTranslation()
  if (notes.length === 0) return null
  const place = (point: Point): Point => {
    const { x, y } = matrix.transformPoint(point)
    return { x, y }
  }
  return (
    <svg className={styles.notes} role="img" aria-label={t('note.on', { count: notes.length })}>
      {notes.map(({ number, shape }) => {
        const { path, label } = drawn(shape, place)
        return (
          <g key={number}>
            <path d={path} className={styles.noteEdge} />
            <path d={path} className={styles.note} />
            {number > 0 && (
              <>
                <circle cx={label.x} cy={label.y} r={LABEL_PX * 0.7} className={styles.noteDisc} />
                <text x={label.x} y={label.y} className={styles.noteNumber} fontSize={LABEL_PX}>
                  {number}
                </text>
              </>
            )}
          </g>
        )
      })}
    </svg>
  )
}

function drawn(shape: NoteShape, place: (point: Point) => Point): { path: string; label: Point } {
  switch (shape.kind) {
    case 'arrow': {
      const [from, to] = [place(shape.from), place(shape.to)]
      const angle = Math.atan2(to.y - from.y, to.x - from.x)
      const barb = (turn: number): string => {
        const x = to.x - HEAD_PX * Math.cos(angle + turn)
        const y = to.y - HEAD_PX * Math.sin(angle + turn)
        return `M${x} ${y}L${to.x} ${to.y}`
      }
      const path = `M${from.x} ${from.y}L${to.x} ${to.y}${barb(HEAD_RADIANS)}${barb(-HEAD_RADIANS)}`
      return { path, label: from }
    }
    case 'ellipse': {
      // A turned ellipse as a polygon: enough corners for the eye.
      const corners = Array.from({ length: 48 }, (_, at) => {
        const angle = (at / 48) * 2 * Math.PI
        return place({
          x: shape.centre.x + shape.radiusX * Math.cos(angle),
          y: shape.centre.y + shape.radiusY * Math.sin(angle),
        })
      })
      return { path: `${lineThrough(corners)}Z`, label: corners[30] }
    }
    case 'line':
    default: {
      const points = shape.points.map(place)
      return { path: lineThrough(points), label: points[0] }
    }
  }
}

function lineThrough(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}

import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NoteShape } from '../../../src/contract/mark-endpoints.ts'
import { DrawLayer, type Pen } from './draw-layer.tsx'
import { NoteLayer, type NumberedNote } from './note-layer.tsx'
import { Pane, PlacedPicture, type Picture } from './pane.tsx'
import { placePicture } from './placement.ts'
import type { Bench, View } from './view.ts'
import styles from './workbench.module.css'

/** Slow enough to see a change, and far below what could trigger a seizure (WCAG 2.3.1: three flashes a second). */
const BLINK_MS = 700
const SLOW_BLINK_MS = 1500

export type Which = 'probe' | 'candidate'

interface StagesInput {
  bench: Bench
  pictures: Record<Which, Picture>
  notes: Record<Which, readonly NumberedNote[]>
  /** What the two are called; undefined: probe and candidate. */
  labels?: Record<Which, string>
  /** What a stroke draws; undefined: strokes move the pictures. */
  pen: Pen | undefined
  onView: (view: View) => void
  onDrawn: (which: Which, shape: NoteShape) => void
}

/** The two pictures as the mode shows them. Notes are drawn and shown side by side only: elsewhere they would hide the face below. */
export function Stages(input: StagesInput) {
  if (input.bench.mode !== 'side') return <OneOverOther {...input} />
  return (
    <div className={styles.stages}>
      <SidePane {...input} which="probe" />
      <SidePane {...input} which="candidate" />
    </div>
  )
}

function SidePane({
  bench,
  pictures,
  notes,
  labels,
  pen,
  onView,
  onDrawn,
  which,
}: StagesInput & { which: Which }) {
  const { t } = useTranslation()
  const { view, frame, grid } = bench
  const picture = pictures[which]
  return (
    <Pane view={view} onView={onView} grid={grid} label={labels?.[which] ?? t(`compare.${which}`)}>
      {(pane) => {
        const side = bench[which]
        const matrix = placePicture(picture, pane, view, side, frame)
        return (
          <>
            <PlacedPicture
              picture={picture}
              pane={pane}
              view={view}
              side={side}
              frame={frame}
              markFace={frame === 'whole'}
            />
            {bench.notes && <NoteLayer matrix={matrix} notes={notes[which]} />}
            {pen !== undefined && (
              <DrawLayer pen={pen} pane={pane} matrix={matrix} onDrawn={(shape) => onDrawn(which, shape)} />
            )}
          </>
        )
      }}
    </Pane>
  )
}

function OneOverOther({ bench, pictures, onView }: StagesInput) {
  const { t } = useTranslation()
  const { view, frame, grid, mode, mix } = bench
  const showsSecond = useBlink(mode === 'blink')
  if (mode === 'side') return null
  const over = {
    overlay: { opacity: mix },
    wipe: { clipPath: `inset(0 0 0 ${mix * 100}%)` },
    blink: { opacity: showsSecond ? 1 : 0 },
  }[mode]
  const shared = { view, frame }
  return (
    <div className={styles.stages} data-single="true">
      <Pane view={view} onView={onView} grid={grid} label={t(`compare.both.${mode}`)}>
        {(pane) => (
          <>
            <PlacedPicture picture={pictures.probe} pane={pane} side={bench.probe} {...shared} />
            <div className={styles.layer} style={over}>
              <PlacedPicture picture={pictures.candidate} pane={pane} side={bench.candidate} {...shared} />
            </div>
            {mode === 'wipe' && <div className={styles.edge} style={{ left: `${mix * 100}%` }} />}
          </>
        )}
      </Pane>
    </div>
  )
}

function useBlink(on: boolean): boolean {
  const calm = useReducedMotion()
  const [second, setSecond] = useState(false)
  useEffect(() => {
    if (!on) return undefined
    const timer = setInterval(() => setSecond((shown) => !shown), calm ? SLOW_BLINK_MS : BLINK_MS)
    return () => clearInterval(timer)
  }, [on, calm])
  return second
}

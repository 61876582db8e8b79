import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Pane, PlacedPicture, type Picture } from './pane.tsx'
import type { Bench, View } from './view.ts'
import styles from './workbench.module.css'

/** Slow enough to see a change, and far below what could trigger a seizure (WCAG 2.3.1: three flashes a second). */
const BLINK_MS = 700
const SLOW_BLINK_MS = 1500

/** The two pictures as the mode shows them. */
export function Stages({
  bench,
  probe,
  candidate,
  onView,
}: {
  bench: Bench
  probe: Picture
  candidate: Picture
  onView: (view: View) => void
}) {
  const { t } = useTranslation()
  const showsSecond = useBlink(bench.mode === 'blink')
  const { view, whole, grid, mode, mix } = bench
  const shared = { view, whole }
  if (mode === 'side') {
    return (
      <div className={styles.stages}>
        <Pane view={view} onView={onView} grid={grid} label={t('compare.probe')}>
          {(pane) => (
            <PlacedPicture picture={probe} pane={pane} side={bench.probe} markFace={whole} {...shared} />
          )}
        </Pane>
        <Pane view={view} onView={onView} grid={grid} label={t('compare.candidate')}>
          {(pane) => (
            <PlacedPicture
              picture={candidate}
              pane={pane}
              side={bench.candidate}
              markFace={whole}
              {...shared}
            />
          )}
        </Pane>
      </div>
    )
  }
  const over = {
    overlay: { opacity: mix },
    wipe: { clipPath: `inset(0 0 0 ${mix * 100}%)` },
    blink: { opacity: showsSecond ? 1 : 0 },
  }[mode]
  return (
    <div className={styles.stages} data-single="true">
      <Pane view={view} onView={onView} grid={grid} label={t(`compare.both.${mode}`)}>
        {(pane) => (
          <>
            <PlacedPicture picture={probe} pane={pane} side={bench.probe} {...shared} />
            <div className={styles.layer} style={over}>
              <PlacedPicture picture={candidate} pane={pane} side={bench.candidate} {...shared} />
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

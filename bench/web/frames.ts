import type { Page } from 'playwright-core'

/** What the page's own script saw of the frames while something moved. */
export interface Frames {
  frames: number
  seconds: number
  /** Frames that came more than half a frame late at 60 a second. */
  late: number
  /** Time between two frames, ms: 95 of 100 are no longer. */
  p95Ms: number
  longestMs: number
}

/** Frames at 60 a second. */
const FRAME_MS = 1000 / 60

const STAMPS = `new Promise((done) => {
  const times = []
  const step = (now) => {
    times.push(now)
    if (window.likenessStop) { window.likenessStop = false; done(times) } else requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})`

/** Counts frames while `move` moves something. */
export async function countFrames(page: Page, move: () => Promise<void>): Promise<Frames> {
  const times = page.evaluate(STAMPS) as Promise<number[]>
  await move()
  await page.evaluate('window.likenessStop = true')
  const stamps = await times
  const intervals = stamps
    .slice(1)
    .map((now, at) => now - stamps[at])
    .toSorted((a, b) => a - b)
  return {
    frames: intervals.length,
    seconds: intervals.reduce((sum, ms) => sum + ms, 0) / 1000,
    late: intervals.filter((ms) => ms > 1.5 * FRAME_MS).length,
    p95Ms: intervals[Math.floor(intervals.length * 0.95)] ?? NaN,
    longestMs: intervals.at(-1) ?? NaN,
  }
}

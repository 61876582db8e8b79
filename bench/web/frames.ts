import type { Browser, Page } from 'playwright-core'

/** What the browser showed while something moved. */
export interface Frames {
  seconds: number
  /** Frames drawn a second. */
  drawn: number
  /** Frames that were due and did not come, of all that were due. */
  dropped: number
  due: number
  /** Time between two frames as the page's own script sees them, in ms: 95 of 100 are no longer. */
  p95Ms: number
}

interface TraceEvent {
  name: string
  ts: number
}

const INTERVALS = `new Promise((done) => {
  const times = []
  const step = (now) => {
    times.push(now)
    if (window.likenessStop) { window.likenessStop = false; done(times) } else requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})`

/** Counts frames while `move` moves something, from Chromium's trace and from the page's animation frames. */
export async function countFrames(browser: Browser, page: Page, move: () => Promise<void>): Promise<Frames> {
  await browser.startTracing(page, { categories: ['devtools.timeline.frame'] })
  const times = page.evaluate(INTERVALS) as Promise<number[]>
  const before = performance.now()
  await move()
  const seconds = (performance.now() - before) / 1000
  await page.evaluate('window.likenessStop = true')
  const stamps = await times
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const count = (name: string): number => trace.traceEvents.filter((event) => event.name === name).length
  const intervals = stamps
    .slice(1)
    .map((now, at) => now - stamps[at])
    .toSorted((a, b) => a - b)
  const dropped = count('DroppedFrame')
  return {
    seconds,
    drawn: count('DrawFrame') / seconds,
    dropped,
    due: count('DrawFrame') + dropped,
    p95Ms: intervals[Math.floor(intervals.length * 0.95)] ?? NaN,
  }
}

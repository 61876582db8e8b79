import process from 'node:process'

const BAR_WIDTH = 24
/** Redrawing more often costs more than it shows. */
const REDRAW_MS = 100

/** A progress line on standard error, redrawn in place; silent when standard error is not a terminal. */
export class ProgressLine {
  readonly #title: string
  #started = performance.now()
  #drawn = 0

  constructor(title: string) {
    this.#title = title
  }

  /** Starts counting time anew, when what is counted begins. */
  start(): void {
    this.#started = performance.now()
  }

  /** @param note words behind the bar, such as a count of faces */
  update(done: number, total: number, note = ''): void {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const seconds = (performance.now() - this.#started) / 1000
    const filled = Math.round(share * BAR_WIDTH)
    const parts = [
      `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${Math.round(share * 100)} %`,
      ...(note === '' ? [] : [note]),
      ...(seconds > 1 && done > 0 ? [`${(done / seconds).toFixed(1)} a second`] : []),
      ...(share > 0 && share < 1 ? [`${duration((seconds / share) * (1 - share))} left`] : []),
    ]
    this.show(parts.join(', '), done >= total)
  }

  /** Words alone, while it is not known how much there is. */
  show(text: string, now = false): void {
    const time = performance.now()
    if (!process.stderr.isTTY || (time - this.#drawn < REDRAW_MS && !now)) return
    this.#drawn = time
    process.stderr.write(`\r\u001b[K${this.#title} ${text}`)
  }

  /** Wipes the line. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }
}

/** Seconds as people say them: '45 s', '12 min', '3 h 20 min'. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

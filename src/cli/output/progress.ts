import process from 'node:process'

const BAR_WIDTH = 24
/** Redrawing more often costs more than it shows. */
const REDRAW_MS = 100

/** Into a file or a pipe a line is written this often: enough to see that it goes on, too few to bury what else is said. */
const PIPED_LINE_MS = 10_000

/** Where the line is written. */
interface Output {
  isTTY?: boolean
  write(text: string): unknown
}

/** A progress line on standard error: redrawn in place on a terminal, a whole line now and then in a file or a pipe. */
export class ProgressLine {
  readonly #title: string
  readonly #out: Output
  readonly #now: () => number
  #started: number
  #drawn: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(title: string, out: Output = process.stderr, now: () => number = () => performance.now()) {
    this.#title = title
    this.#out = out
    this.#now = now
    this.#started = now()
    // A piped line comes first when so long has passed, a redrawn one at once.
    this.#drawn = out.isTTY === true ? 0 : now()
  }

  /** Starts counting time anew, when what is counted begins. */
  start(): void {
    this.#started = this.#now()
  }

  /** @param note words behind the bar, such as a count of faces */
  update(done: number, total: number, note = ''): void {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const seconds = (this.#now() - this.#started) / 1000
    const filled = Math.round(share * BAR_WIDTH)
    const bar = this.#out.isTTY === true ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : ''
    const parts = [
      `${bar}${Math.round(share * 100)} %`,
      ...(note === '' ? [] : [note]),
      ...(seconds > 1 && done > 0 ? [`${(done / seconds).toFixed(1)} a second`] : []),
      ...(share > 0 && share < 1 ? [`${duration((seconds / share) * (1 - share))} left`] : []),
    ]
    this.show(parts.join(', '), done >= total)
  }

  /** Words alone, while it is not known how much there is. */
  show(text: string, now = false): void {
    const time = this.#now()
    if (this.#out.isTTY !== true) {
      if (time - this.#drawn < PIPED_LINE_MS) return
      this.#drawn = time
      this.#out.write(`${this.#title}: ${text}\n`)
      return
    }
    if (time - this.#drawn < REDRAW_MS && !now) return
    this.#drawn = time
    this.#out.write(`\r\u001b[K${this.#title} ${text}`)
  }

  /** Wipes the line. */
  end(): void {
    if (this.#out.isTTY === true) this.#out.write('\r\u001b[K')
  }
}

/** Seconds as people say them: '45 s', '12 min', '3 h 20 min'. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

import process from 'node:process'

const BAR_WIDTH = 24
/** Redrawing more often costs more than it shows. */
const REDRAW_MS = 100

/** A progress line on standard error, redrawn in place; silent when standard error is not a terminal. */
export class ProgressLine {
  readonly #title: string
  readonly #started = performance.now()
  #drawn = 0

  constructor(title: string) {
    this.#title = title
  }

  /** @param note words behind the bar, such as a count of faces */
  update(done: number, total: number, note = ''): void {
    const now = performance.now()
    if (!process.stderr.isTTY || (now - this.#drawn < REDRAW_MS && done < total)) return
    this.#drawn = now
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const filled = Math.round(share * BAR_WIDTH)
    const seconds = (now - this.#started) / 1000
    const left = share > 0 && share < 1 ? `, ${Math.ceil((seconds / share) * (1 - share))} s left` : ''
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    process.stderr.write(
      `\r\u001b[K${this.#title} ${bar} ${Math.round(share * 100)} %${note === '' ? '' : `, ${note}`}${left}`,
    )
  }

  /** Wipes the line. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }
}

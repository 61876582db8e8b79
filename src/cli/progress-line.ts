import process from 'node:process'

const MIN_INTERVAL_MS = 200

/** One line of progress on the terminal's error output: done, rate, time left. Silent when it is not a terminal. */
export class ProgressLine {
  readonly #enabled: boolean
  #total = 0
  #startedMs = 0
  #shownMs = 0
  #shown = false

  constructor(enabled: boolean) {
    this.#enabled = enabled
  }

  start(total: number): void {
    this.#total = total
    this.#startedMs = Date.now()
  }

  advance(done: number): void {
    const seconds = (Date.now() - this.#startedMs) / 1000
    const rate = seconds > 0 ? done / seconds : 0
    const left = rate > 0 ? duration((this.#total - done) / rate) : '?'
    this.show(`${done} of ${this.#total}, ${rate.toFixed(1)} a second, ${left} left`)
  }

  show(text: string): void {
    const now = Date.now()
    if (!this.#enabled || now - this.#shownMs < MIN_INTERVAL_MS) return
    this.#shownMs = now
    this.#shown = true
    process.stderr.write(`\r\u001b[K${text}`)
  }

  end(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K')
    this.#shown = false
  }
}

/** Seconds as people say them: '45 s', '12 min', '3 h 20 min'. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

import { setTimeout as delay } from 'node:timers/promises'

/** How often a process looks for work that others were asked for, or left. */
const LOOK_EVERY_MS = 1000

export interface WorkLoopOptions<Claim> {
  /** Takes the work that waits longest; undefined when there is none. */
  claim: () => Promise<Claim | undefined>
  /** @param signal fires when the process is to stop */
  work: (claimed: Claim, signal: AbortSignal) => Promise<void>
  /** Called when looking for work, or work itself, failed; it is looked again after a second. */
  onTrouble: (error: unknown, claimed: Claim | undefined) => void
}

/** One process's part of work that is shared by several: one piece after another, from `start` to `stop`. */
export class WorkLoop<Claim> {
  readonly #options: WorkLoopOptions<Claim>
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #woken = new AbortController()

  constructor(options: WorkLoopOptions<Claim>) {
    this.#options = options
  }

  /** Goes on until it is stopped. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Looks now: this process was just asked for something. */
  wake(): void {
    this.#woken.abort()
  }

  /** Takes no more; returns when what is under way has ended, or was handed back. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#woken = new AbortController()
      if (await this.#step(signal)) continue
      const either = AbortSignal.any([signal, this.#woken.signal])
      await delay(LOOK_EVERY_MS, undefined, { signal: either }).catch(() => undefined)
    }
  }

  /** @returns whether there may be more to do at once */
  async #step(signal: AbortSignal): Promise<boolean> {
    const { claim, work, onTrouble } = this.#options
    let claimed: Claim | undefined
    try {
      claimed = await claim()
      if (claimed === undefined) return false
      await work(claimed, signal)
      return true
    } catch (error) {
      onTrouble(error, claimed)
      return false
    }
  }
}

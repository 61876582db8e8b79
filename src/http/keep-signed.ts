import type { Logger } from 'pino'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { Anchors } from '../audit/anchors/anchors.ts'
import { readAnchors } from '../audit/anchors/anchor-list.ts'
import { newestCheckpoint, signLog } from '../audit/sign-log.ts'
import type { ServiceConfig } from '../config.ts'
import type { HttpContext } from './http-context.ts'

/** How often the audit log is signed: who has the data folder can change later events without a trace until then. */
const SIGN_EVERY_MS = 10_000

/** Checkpoints as long as the service runs. */
export class KeepSigned {
  readonly #http: Pick<HttpContext, 'store' | 'signingKey'>
  readonly anchors: Anchors
  readonly loop: WorkLoop
  readonly #onTrouble: (error: unknown) => void

  /** @throws AppError `bad_input` naming a place that is wrong */
  constructor(
    http: Pick<HttpContext, 'store' | 'signingKey' | 'publicUrl' | 'mail'>,
    config: ServiceConfig,
    log: Logger,
    onTrouble: (error: unknown) => void,
  ) {
    const { mail } = http
    const { anchorKey: instanceKey } = config
    this.#http = http
    this.#onTrouble = onTrouble
    this.anchors = new Anchors(
      readAnchors(config.auditAnchors),
      http.signingKey,
      { mail, instanceKey, publicUrl: http.publicUrl, now: Date.now },
      ({ name }, reason) => log.error({ place: name, reason }, 'checkpoint not taken'),
    )
    this.loop = new WorkLoop({
      everyMs: SIGN_EVERY_MS,
      waitsFirst: true,
      onTrouble,
      step: (signal) => this.#step(signal),
    })
  }

  /** Signs what came since; folders get it, no other place is waited for. */
  async end(): Promise<void> {
    await this.anchors.stop()
    await this.#sign().catch(this.#onTrouble)
  }

  async #step(signal: AbortSignal): Promise<boolean> {
    // A place that is slow to take the checkpoint must not hold up a stop.
    const breakOff = (): void => void this.anchors.stop()
    signal.addEventListener('abort', breakOff, { once: true })
    await this.#sign().finally(() => signal.removeEventListener('abort', breakOff))
    return false
  }

  async #sign(): Promise<void> {
    await signLog(this.#http, this.#http.signingKey)
    const newest = await newestCheckpoint(this.#http.store.db)
    if (newest !== undefined) await this.anchors.give(newest)
  }
}

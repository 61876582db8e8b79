import type { Logger } from 'pino'
import { Anchors } from '../audit/anchors/anchors.ts'
import { readAnchors } from '../audit/anchors/anchor-list.ts'
import { newestCheckpoint, signLog } from '../audit/sign-log.ts'
import type { ServiceConfig } from '../config.ts'
import { reasonOf } from '../errors.ts'
import type { HttpContext } from './http-context.ts'

/** How often the audit log is signed: who has the data folder can change later events without a trace until then. */
const SIGN_EVERY_MS = 10_000

/** Checkpoints as long as the service runs. */
export class KeepSigned {
  readonly #http: Pick<HttpContext, 'store' | 'signingKey'>
  readonly #log: Logger
  readonly anchors: Anchors
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  /** @throws AppError `bad_input` naming a place that is wrong */
  constructor(
    http: Pick<HttpContext, 'store' | 'signingKey' | 'publicUrl' | 'mail'>,
    config: ServiceConfig,
    log: Logger,
  ) {
    const { mail } = http
    const { anchorKey: instanceKey } = config
    this.#http = http
    this.#log = log
    this.anchors = new Anchors(
      readAnchors(config.auditAnchors),
      http.signingKey,
      { mail, instanceKey, publicUrl: http.publicUrl, now: Date.now },
      ({ name }, reason) => log.error({ place: name, reason }, 'checkpoint not taken'),
    )
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#sign())
    }, SIGN_EVERY_MS)
  }

  /** Signs what came since; folders get it, no other place is waited for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.anchors.stop()
    await this.#running
    await this.#sign()
  }

  async #sign(): Promise<void> {
    try {
      await signLog(this.#http, this.#http.signingKey)
      const newest = await newestCheckpoint(this.#http.store.db)
      if (newest !== undefined) await this.anchors.give(newest)
    } catch (error) {
      this.#log.error({ reason: reasonOf(error) }, 'audit log not signed')
    }
  }
}

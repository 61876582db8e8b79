import { SerialQueue } from '../concurrency/serial-queue.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import type { Db } from '../store/database/db.ts'
import type { AccountActor } from '../actor/actor.ts'
import { hasAccessStill } from './resolve-actor.ts'
import { SEES_LESS } from './suspensions.ts'

/** How often each process looks for cut-offs made by others. A fifth of the second within which everything must end. */
const LOOK_EVERY_MS = 200
/** How often whatever is under way is asked again whether its session or key still lets it in: those also end by time. */
const ASK_AGAIN_MS = 30_000

interface Work {
  actor: AccountActor
  isStream: boolean
  controller: AbortController
}

/**
 * [Note: cut-off]
 * Every request and every open stream of an account registers here with a signal. A suspension writes a row into
 * `cut_off` in its own transaction; each process reads new rows five times a second on a connection of its own, so that
 * no long transaction delays it, and aborts what belongs to the target. New requests need no message: they read the
 * suspension itself. Every way of ending a session or key on purpose writes such a row; what ends by time is found by
 * asking again.
 *
 * Where somebody stays but sees less (put out of a case, a grant withdrawn), only streams end: they began with what was
 * open then. The browser opens them again, and they are asked anew.
 */
export class LiveWork {
  readonly #lookups: Db
  readonly #works = new Set<Work>()
  #lastSeq = 0
  #askedAtMs = Date.now()
  readonly #looks = new SerialQueue()
  readonly #onTrouble: (error: unknown) => void
  /** What looks for cut-offs made by others. As often when the record could not be read: nothing may go on unasked. */
  readonly loop: WorkLoop

  /** @param onTrouble called when the record could not be read; then everything under way is ended, to be safe */
  constructor(lookups: Db, onTrouble: (error: unknown) => void) {
    this.#lookups = lookups
    this.#onTrouble = onTrouble
    this.loop = new WorkLoop({
      everyMs: LOOK_EVERY_MS,
      waitsFirst: true,
      retry: { firstMs: LOOK_EVERY_MS, longestMs: LOOK_EVERY_MS },
      onTrouble,
      step: async () => {
        await this.#looks.run(() => this.#look())
        return false
      },
    })
  }

  /** Cut-offs from now on count; to be called before any work begins. */
  async countFromNow(): Promise<void> {
    const { seq } = await this.#lookups
      .selectFrom('cut_off')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirstOrThrow()
    this.#lastSeq = seq ?? 0
  }

  /** Number of requests and streams under way. */
  get size(): number {
    return this.#works.size
  }

  /**
   * The signal ends with the account's access; call `done` when the work has ended.
   * @param isStream whether its answer goes on after it has begun and shows what a case or grant opened; its signal then
   *   also ends when the account sees less, with `SEES_LESS` as the reason
   */
  begin(actor: AccountActor, isStream: boolean): { signal: AbortSignal; done: () => void } {
    const work: Work = { actor, isStream, controller: new AbortController() }
    this.#works.add(work)
    return { signal: work.controller.signal, done: () => void this.#works.delete(work) }
  }

  /** Looks now, for the process that made the cut-off. */
  async look(): Promise<void> {
    await this.#looks.run(() => this.#look()).catch(this.#onTrouble)
  }

  /** Ends what is under way for sessions and keys that are no more. */
  async askAgain(): Promise<void> {
    this.#askedAtMs = Date.now()
    const means = new Map([...this.#works].map(({ actor }) => [actor.via.id, actor]))
    for (const [id, actor] of means) {
      if (!(await hasAccessStill(this.#lookups, actor))) this.#end(({ actor: { via } }) => via.id === id)
    }
  }

  /** Lets the request itself end that ends its account's other work, so that it can say that it was done. */
  letFinish({ requestId }: AccountActor): void {
    for (const work of this.#works) if (work.actor.requestId === requestId) this.#works.delete(work)
  }

  async #look(): Promise<void> {
    try {
      const rows = await this.#lookups
        .selectFrom('cut_off')
        .select(['seq', 'kind', 'target_id'])
        .where('seq', '>', this.#lastSeq)
        .orderBy('seq')
        .execute()
      for (const { seq, kind, target_id } of rows) {
        this.#lastSeq = seq
        const isOver = ({ actor }: Work): boolean =>
          targetsOf(actor).some((target) => target.kind === kind && target.id === target_id)
        const seesLess = ({ actor, isStream }: Work): boolean =>
          kind === SEES_LESS && isStream && (actor.accountId === target_id || actor.agencyId === target_id)
        this.#end(isOver)
        this.#end(seesLess, SEES_LESS)
      }
      if (Date.now() - this.#askedAtMs >= ASK_AGAIN_MS) await this.askAgain()
    } catch (error) {
      this.#end(() => true)
      throw error
    }
  }

  #end(concerns: (work: Work) => boolean, reason?: typeof SEES_LESS): void {
    for (const work of this.#works) {
      if (!concerns(work)) continue
      this.#works.delete(work)
      work.controller.abort(reason)
    }
  }
}

/** Everything whose suspension ends what the actor does. */
function targetsOf(actor: AccountActor): { kind: string; id: string | undefined }[] {
  return [
    { kind: 'account', id: actor.accountId },
    { kind: 'agency', id: actor.agencyId },
    { kind: actor.via.kind, id: actor.via.id },
    { kind: 'device', id: actor.via.kind === 'session' ? actor.via.deviceId : undefined },
  ]
}

import type { Actor, Visitor } from '../actor/actor.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { recordEvent, type AuditEvent } from './append-event.ts'

/** Refusals of one kind after the first are counted for this long, then written down as one event. */
const COUNT_FOR_MS = 60_000
/** How often it is looked whether that time has passed. */
const LOOK_EVERY_MS = 5000
/** Kinds that are counted at once; of more, those that began first are written down before their time. */
const MAX_KINDS = 10_000

interface Counted {
  actor: Actor | Visitor
  event: AuditEvent
  beganAtMs: number
  /** After the first, or since the last summary. */
  times: number
  since: string
}

/**
 * [Note: refusals]
 * Whoever is refused may try as often as the limits on requests let them, and each event is a transaction that all others
 * wait for, kept for ever. So the first refusal of a kind is written in full, at once; those after it are counted and written
 * down once a minute as one event with `times`, as long as they come. A kind is who (account, or address of somebody who is
 * not signed in), what and every detail. Counted in each process; what was counted is written when the service stops, and
 * a process that is killed loses a minute's number, never the first of a kind.
 */
export class Refusals {
  readonly #db: Db
  readonly #kinds = new Map<string, Counted>()
  /** What writes down what was counted for long enough. */
  readonly loop: WorkLoop

  /** @param onTrouble called when what was counted could not be written; it is tried again */
  constructor(db: Db, onTrouble: (error: unknown) => void) {
    this.#db = db
    this.loop = new WorkLoop({
      everyMs: LOOK_EVERY_MS,
      waitsFirst: true,
      onTrouble,
      step: async () => {
        const due = Date.now() - COUNT_FOR_MS
        await this.#write(({ beganAtMs }) => beganAtMs <= due)
        return false
      },
    })
  }

  /** Writes the event down, or counts it. Its outcome is `refused`. */
  async record(actor: Actor | Visitor, event: Omit<AuditEvent, 'outcome'>): Promise<void> {
    const refused = { ...event, outcome: 'refused' as const }
    const kind = JSON.stringify([whoIs(actor), event.action, event.subject, event.details])
    const counted = this.#kinds.get(kind)
    if (counted !== undefined) {
      if (counted.times === 0) counted.since = nowIso()
      counted.times += 1
      counted.actor = actor
      return
    }
    if (this.#kinds.size >= MAX_KINDS) {
      const [first] = this.#kinds.values()
      await this.#write((one) => one === first)
    }
    // Before it is written: those that come meanwhile are counted.
    this.#kinds.set(kind, { actor, event: refused, beganAtMs: Date.now(), times: 0, since: nowIso() })
    await recordEvent(this.#db, actor, refused)
  }

  /** Writes down what was counted so far. */
  async flush(): Promise<void> {
    await this.#write(() => true)
  }

  async #write(isDue: (counted: Counted) => boolean): Promise<void> {
    for (const [kind, counted] of this.#kinds) {
      if (!isDue(counted)) continue
      const { actor, event, times, since } = counted
      if (times === 0) {
        this.#kinds.delete(kind)
        continue
      }
      // What comes while it is written belongs to the next summary.
      counted.times = 0
      counted.beganAtMs = Date.now()
      try {
        await recordEvent(this.#db, actor, { ...event, details: { ...event.details, times, since } })
      } catch (error) {
        counted.times += times
        counted.since = since
        throw error
      }
    }
  }
}

function whoIs(actor: Actor | Visitor): string {
  if (actor.kind === 'account') return `account ${actor.accountId}`
  return actor.kind === 'visitor' ? `address ${actor.address}` : actor.name
}

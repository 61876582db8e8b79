import { WorkLoop } from '../concurrency/work-loop.ts'
import type { Context } from '../context.ts'
import { activeTemplates, labelOf } from '../store/active-templates.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import type { Db } from '../store/database/db.ts'
import { matchEntries, readCursor, type Progress } from './match-entries.ts'
import { matchHeld } from './match-held.ts'
import { matchProbes } from './match-probes.ts'
import { reconcileSubjects } from './reconcile-subjects.ts'
import { WatchSet } from './watch-set.ts'

/** How often it is looked for something to do. */
const LOOK_EVERY_MS = 250
/** A process of this machine that died is known to be dead at once. */
const LEASE_MS = 60_000
const RENEW_EVERY_MS = 20_000

/**
 * Matches whatever was enrolled, added or set up since, as long as it runs; see [Note: watching]. One process of a record does
 * it at a time; the lease only saves work, what makes alerts come once is in the transactions.
 */
export class Watcher {
  readonly #ctx: Context
  readonly #onTrouble: (error: unknown) => void
  /** What matches as long as it runs. */
  readonly loop: WorkLoop
  #set: WatchSet | undefined
  #progress: Progress = { reached: 0, noted: 0 }
  #leasedUntilMs = 0

  constructor(ctx: Context, onTrouble: (error: unknown) => void) {
    this.#ctx = ctx
    this.#onTrouble = onTrouble
    this.loop = new WorkLoop({
      everyMs: LOOK_EVERY_MS,
      onTrouble,
      step: async () => (await this.#step()) === 'something',
      // Its gallery may be what failed: the next step loads everything anew.
      reset: () => this.#dropSet(),
    })
  }

  /**
   * Ends after what is under way. @param isFinishing first does all that there is to do, unless another process does it
   */
  async stop({ isFinishing = false }: { isFinishing?: boolean } = {}): Promise<void> {
    await this.loop.stop()
    try {
      if (isFinishing) await this.drain()
    } finally {
      await this.#dropSet()
      await this.#letGo().catch(this.#onTrouble)
    }
  }

  /** Does all that there is to do now. Only while it does not run by itself. @returns false when another process does it */
  async drain(): Promise<boolean> {
    for (;;) {
      const did = await this.#step()
      if (did !== 'something') return did === 'nothing'
    }
  }

  async #step(): Promise<'something' | 'nothing' | 'elsewhere'> {
    const ctx = this.#ctx
    const { db, lookups } = ctx.store
    const kind = await activeTemplates(lookups)
    if (kind === undefined || !(await isWatching(lookups))) return 'nothing'
    if (!(await this.#lease())) return 'elsewhere'
    await reconcileSubjects(ctx, kind)
    if (this.#set !== undefined && (this.#set.label !== labelOf(kind) || this.#set.isStale))
      await this.#dropSet()
    if (this.#set === undefined) {
      this.#set = await WatchSet.open(kind)
      const noted = await readCursor(db, labelOf(kind))
      this.#progress = { reached: noted, noted }
    }
    const set = this.#set
    const { version } = await db.selectFrom('watch_state').select('version').executeTakeFirstOrThrow()
    if (set.version !== version) await set.load(db, version)
    const nowMs = Date.now()
    const done = [
      await matchEntries(ctx, set, this.#progress, nowMs),
      await matchProbes(ctx, set, nowMs),
      await matchHeld(ctx, set, nowMs),
    ]
    return done.every((one) => one === 'idle') ? 'nothing' : 'something'
  }

  /** Takes or renews the lease. */
  async #lease(): Promise<boolean> {
    if (Date.now() < this.#leasedUntilMs - LEASE_MS + RENEW_EVERY_MS) return true
    const { db } = this.#ctx.store
    const untilMs = Date.now() + LEASE_MS
    const isMine =
      !(await isHeldByOther(db)) &&
      (await db.transaction().execute(async (tx) => {
        if (await isHeldByOther(tx)) return false
        await tx
          .updateTable('watch_state')
          .set({ leased_by: LEASEHOLDER, leased_until: new Date(untilMs).toISOString() })
          .execute()
        return true
      }))
    this.#leasedUntilMs = isMine ? untilMs : 0
    if (!isMine) await this.#dropSet()
    return isMine
  }

  async #dropSet(): Promise<void> {
    const set = this.#set
    this.#set = undefined
    await set?.close()
  }

  async #letGo(): Promise<void> {
    if (this.#leasedUntilMs === 0) return
    this.#leasedUntilMs = 0
    await this.#ctx.store.db
      .updateTable('watch_state')
      .set({ leased_by: null, leased_until: null })
      .where('leased_by', '=', LEASEHOLDER)
      .execute()
  }
}

/** Whether there is any standing search to match for; without one, the record is left as it is. */
async function isWatching(db: Db): Promise<boolean> {
  const row = await db.selectFrom('standing_search').select('id').limit(1).executeTakeFirst()
  return row !== undefined
}

async function isHeldByOther(db: Db): Promise<boolean> {
  const { leased_by: holder, leased_until: until } = await db
    .selectFrom('watch_state')
    .select(['leased_by', 'leased_until'])
    .executeTakeFirstOrThrow()
  const isHeld = until !== null && until > new Date().toISOString()
  return isHeld && holder !== null && holder !== LEASEHOLDER && !isDead(holder)
}

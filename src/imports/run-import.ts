import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { SerialQueue } from '../concurrency/serial-queue.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { AppError } from '../errors.ts'
import { claimTemplates } from '../store/active-templates.ts'
import { nowIso } from '../store/ids.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import { finishErasures } from '../erasure/finish-erasures.ts'
import { removeArchives, uselessArchives } from '../erasure/remove-archives.ts'
import type { VideoProgress } from '../video/read-video.ts'
import { ExifReader } from '../sources/exif/exif-reader.ts'
import { COMMIT_ITEMS, COMMIT_WAIT_MS } from './pace.ts'
import { openSource } from '../sources/open-source.ts'
import { commitItems, emptyTally } from './commit-items.ts'
import { type CommitTarget, type Tally } from './commit-target.ts'
import { countStates } from './import-status.ts'
import { leaseItems, returnLeases, type LeasedItem } from './lease.ts'
import { workItem, type WorkTools } from './work-item.ts'
import { type WorkedItem } from './worked-item.ts'

/** Items worked on at once beyond the engine's workers: their bytes are being read while the workers are busy. */
const READ_AHEAD_ITEMS = 2

export interface RunImportInput {
  importId: string
  /** Ends the import after what is under way; it can be resumed. */
  signal?: AbortSignal
  /** Called after each commit with what this run has committed so far. */
  onCommit?: (tally: Tally) => void
  /** Called while a video is read. */
  onVideo?: (name: string, progress: VideoProgress) => void
}

/**
 * Works through an import's waiting items until none is left that this process may take.
 *
 * Stages: lease a batch -> read bytes -> hash -> (known? else write the original and find faces) -> commit in groups.
 * The engine's workers stay busy: as many items as it has workers, and `READ_AHEAD_ITEMS` more, are under way at once.
 * @returns what this run committed; `finished` when the whole import is complete
 */
export async function runImport(
  ctx: Pick<Context, 'store' | 'engine'>,
  actor: Actor,
  input: RunImportInput,
): Promise<{ tally: Tally; finished: boolean }> {
  const { store } = ctx
  const row = await store.db
    .selectFrom('import')
    .selectAll()
    .where('id', '=', input.importId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', `There is no import ${input.importId}.`)
  const collection = await store.db
    .selectFrom('collection')
    .selectAll()
    .where('id', '=', row.collection_id)
    .executeTakeFirstOrThrow()
  checkedRow('collection', collection, collection.title)
  const total = emptyTally()
  const { waiting } = await countStates(store.db, row.id)
  if (waiting > 0) {
    const engine = await ctx.engine()
    await claimTemplates(store.db, engine)
    const target: CommitTarget = { store, engine, actor, row, collection }
    const reader = openSource(row.source_kind, row.location).openReader(store)
    const exif = new ExifReader()
    try {
      const { signal, onVideo } = input
      const videos = { importId: row.id, onProgress: onVideo, signal }
      await new ImportRun({ store, engine, reader, exif, videos }, target, input, total).run()
    } finally {
      await reader.close()
      await exif.close()
    }
  }
  return { tally: total, finished: await finishImport(ctx, actor, row, collection.agency_id) }
}

/** Marks the import finished when nothing waits any more. */
async function finishImport(
  ctx: Pick<Context, 'store' | 'engine'>,
  actor: Actor,
  row: ImportTable,
  agencyId: string,
): Promise<boolean> {
  const { waiting, ...counts } = await countStates(ctx.store.db, row.id)
  if (waiting > 0) return false
  const useless = await ctx.store.db.transaction().execute(async (tx) => {
    // Nothing of them is held, so nothing of them is kept.
    const archives = await uselessArchives(tx, row.id)
    await removeArchives(tx, archives, `import ${row.id}`)
    const { numUpdatedRows } = await tx
      .updateTable('import')
      .set({ finished_at: nowIso() })
      .where('id', '=', row.id)
      .where('finished_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) {
      await appendAuditEvent(tx, actor, {
        action: 'import.finish',
        agencyId,
        subject: `import ${row.id}`,
        details: counts,
      })
    }
    return archives.length
  })
  if (useless > 0) await finishErasures(ctx)
  return true
}

/** One process's part of an import. */
class ImportRun {
  readonly #tools: WorkTools
  readonly #target: CommitTarget
  readonly #input: RunImportInput
  readonly #total: Tally
  #queue: LeasedItem[] = []
  #leasing: Promise<LeasedItem[]> | undefined
  #results: WorkedItem[] = []
  #oldestResultMs = 0
  readonly #commits = new SerialQueue()
  #failure: unknown

  constructor(tools: WorkTools, target: CommitTarget, input: RunImportInput, total: Tally) {
    this.#tools = tools
    this.#target = target
    this.#input = input
    this.#total = total
  }

  async run(): Promise<void> {
    const workers = this.#tools.engine.workers + READ_AHEAD_ITEMS
    const looking = new WorkLoop({
      everyMs: COMMIT_WAIT_MS / 2,
      waitsFirst: true,
      onTrouble: (error) => this.#fail(error),
      step: async () => {
        this.#commitWhenDue()
        return false
      },
    })
    looking.start()
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#workOn()))
    } finally {
      await looking.stop()
    }
    // What was worked through counts even when something else failed; only a failed commit itself cannot.
    let commitFailed: unknown
    try {
      await this.#commitRest()
    } catch (error) {
      commitFailed = error
    }
    await returnLeases(this.#tools.store.db, this.#queue).catch(() => undefined)
    const failure = this.#failure ?? commitFailed
    if (failure !== undefined) throw failure
  }

  get #stopped(): boolean {
    return this.#failure !== undefined || this.#input.signal?.aborted === true
  }

  async #workOn(): Promise<void> {
    try {
      while (!this.#stopped) {
        const item = await this.#nextItem()
        if (item === undefined) return
        const worked = await workItem(this.#tools, item)
        if (worked.outcome === 'stopped') {
          this.#queue.push(item)
          return
        }
        if (this.#results.length === 0) this.#oldestResultMs = Date.now()
        this.#results.push(worked)
        this.#commitWhenDue()
        // More results than this wait only when commits are slower than the engine: then workers wait for them.
        if (this.#results.length >= 2 * COMMIT_ITEMS) await this.#commits.idle()
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }

  async #nextItem(): Promise<LeasedItem | undefined> {
    while (this.#queue.length === 0) {
      const leased = await (this.#leasing ??= this.#lease())
      if (leased.length === 0) return undefined
    }
    return this.#queue.shift()
  }

  async #lease(): Promise<LeasedItem[]> {
    try {
      const leased = await leaseItems(this.#tools.store.db, this.#target.row.id)
      this.#queue.push(...leased)
      return leased
    } finally {
      this.#leasing = undefined
    }
  }

  #commitWhenDue(): void {
    const due = this.#results.length >= COMMIT_ITEMS || Date.now() - this.#oldestResultMs >= COMMIT_WAIT_MS
    if (this.#results.length === 0 || !due) return
    this.#commit().catch((error: unknown) => this.#fail(error))
  }

  #commit(): Promise<void> {
    const results = this.#results
    this.#results = []
    return this.#commits.run(async () => {
      const tally = await commitItems(this.#target, results)
      for (const name of Object.keys(tally) as (keyof Tally)[]) this.#total[name] += tally[name]
      this.#input.onCommit?.(this.#total)
    })
  }

  async #commitRest(): Promise<void> {
    await this.#commits.idle()
    if (this.#results.length > 0) await this.#commit()
  }
}

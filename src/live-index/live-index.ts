import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { PartStatus } from '../concurrency/part-state.ts'
import { SerialQueue } from '../concurrency/serial-queue.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { AppError } from '../errors.ts'
import { openGallery } from '../gallery/embedded-gallery.ts'
import type { Damage } from '../gallery/row-file.ts'
import type { CalibrateOptions, GallerySearch, SearchOptions } from '../gallery/types.ts'
import type { Calibration } from '../gallery/calibration.ts'
import { activeTemplates, labelOf, type TemplateKind } from '../store/active-templates.ts'
import { entryVectors, feedEnd } from '../store/index-feed.ts'
import { indexRoot, type Store } from '../store/store.ts'
import { followRecord, holdsAll, type Follower, type OnAdded } from './follow-record.ts'
import { indexFolder, readProgress, removeOtherIndexes } from './index-folder.ts'

/** How long a search waits for another process to be done with the index's files before it makes a copy in memory. */
const WAIT_FOR_FILES_MS = 3000
/** How long an erasure waits for another process to drop what was erased from the index's files. */
const WAIT_FOR_ERASURE_MS = 15_000
const RETRY_MS = 100
/** How often the process that holds the files looks for what other processes imported and erased. */
const FOLLOW_EVERY_MS = 1000
/** How long an index that failed is left before it is opened again: at first, and at most. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 60_000

/** The index as a search finds it: in step with the record. */
export interface ReadyIndex {
  kind: TemplateKind
  label: string
  faces: number
  search(queries: readonly Float32Array[], options: SearchOptions): Promise<GallerySearch[]>
  calibrate(options: CalibrateOptions): Promise<Calibration | undefined>
}

interface OpenIndex extends Follower {
  kind: TemplateKind
}

/**
 * [Note: live index]
 * The gallery of one record, kept in step with it. Its files stand in `index/` of the data folder; everything in them
 * is derived. One process at a time has them open. It looks at the record before every search, and once a second for
 * other processes' sake. A process that finds them held by another one makes a copy in memory from the record, which
 * gives the same answers. When one of its threads ends, or it cannot be opened, it is opened again with growing waits, also when nobody asks. An import holds nothing: it writes the record, and whoever searches next adds the new faces.
 * Why: docs/decisions/live-index.md.
 */
export class LiveIndex {
  /** What was found damaged and made again since this index was opened. */
  readonly damage: Damage[] = []
  readonly #store: Store
  #open: OpenIndex | undefined
  readonly #queue = new SerialQueue()
  /** Begun when the index is first needed. */
  readonly #following: WorkLoop
  #isFailing = false
  #failures = 0
  #lastFailure: PartStatus['lastFailure']

  constructor(store: Store) {
    this.#store = store
    this.#following = new WorkLoop({
      everyMs: FOLLOW_EVERY_MS,
      waitsFirst: true,
      isUnref: true,
      retry: { firstMs: FIRST_RETRY_MS, longestMs: LONGEST_RETRY_MS },
      // Noted where it fails; whoever searches or erases meets it again and is told.
      onTrouble: () => undefined,
      step: async () => {
        await this.#inTurn(async () => {
          const isHeld = this.#open?.folder !== undefined
          if (isHeld || this.status.state === 'failed') await this.#followOrNote(0)
        })
        return false
      },
    })
  }

  /** How the index stands, without opening it. */
  get status(): PartStatus {
    const hasFailed = this.#isFailing || this.#open?.gallery.failure !== undefined
    const state = hasFailed ? 'failed' : this.#open === undefined ? 'idle' : 'ready'
    return { state, failures: this.#failures, lastFailure: this.#lastFailure }
  }

  /** Opens the index if need be and brings it in line with the record. @returns undefined before the first import */
  async ready(onAdded?: OnAdded): Promise<ReadyIndex | undefined> {
    const open = await this.#inTurn(() => this.#followOrNote(WAIT_FOR_FILES_MS, onAdded))
    if (open === undefined) return undefined
    const { kind, label, gallery } = open
    return {
      kind,
      label,
      faces: gallery.stats().faces,
      search: (queries, options) => gallery.search(queries, options),
      calibrate: (options) => gallery.calibrate(options),
    }
  }

  /**
   * Makes sure that the index's files hold nothing of what the record has removed so far. Where another process has them
   * open, it does that within a second or so and notes it down; this waits for the note.
   * @returns false when it was not done in time
   */
  async dropRemoved(): Promise<boolean> {
    const kind = await activeTemplates(this.#store.lookups)
    if (kind === undefined || !existsSync(indexRoot(this.#store.dataFolder))) return true
    const folder = indexFolder(this.#store.dataFolder, kind)
    await removeOtherIndexes(this.#store.dataFolder, folder)
    const { lastRemoval } = await feedEnd(this.#store.db, labelOf(kind))
    const deadline = Date.now() + WAIT_FOR_ERASURE_MS
    for (;;) {
      if (await this.#inTurn(() => this.#dropFrom(kind, folder, lastRemoval))) return true
      if (Date.now() >= deadline) return false
      await delay(RETRY_MS)
    }
  }

  /** Deletes the files and makes them again. @throws AppError `conflict` while another process has them open */
  async rebuild(): Promise<void> {
    await this.#inTurn(async () => {
      const kind = await activeTemplates(this.#store.lookups)
      if (kind === undefined) return
      await this.#let()
      const folder = indexFolder(this.#store.dataFolder, kind)
      const held = await this.#openFiles(kind, folder)
      await held.gallery.close()
      await rm(folder, { recursive: true, force: true })
      await this.#follow(0)
    })
  }

  /** Lets go of files and memory; the next search opens them again. */
  async release(): Promise<void> {
    await this.#inTurn(() => this.#let())
  }

  async close(): Promise<void> {
    const closed = this.#queue.close(() => new AppError('conflict', 'The index is closed.'))
    await this.#following.stop()
    await closed
    await this.#let()
  }

  /** Changes one after another; searches go on meanwhile. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#following.start()
    return this.#queue.run(work)
  }

  /** What fails is noted, and tried again by the loop until it works or the index is closed. */
  async #followOrNote(waitMs: number, onAdded?: OnAdded): Promise<OpenIndex | undefined> {
    try {
      const open = await this.#follow(waitMs, onAdded)
      this.#isFailing = false
      return open
    } catch (error) {
      this.#isFailing = true
      this.#note(error)
      throw error
    }
  }

  #note(error: unknown): void {
    this.#failures += 1
    this.#lastFailure = { error, atMs: Date.now() }
  }

  async #follow(waitMs: number, onAdded?: OnAdded): Promise<OpenIndex | undefined> {
    const kind = await activeTemplates(this.#store.lookups)
    if (kind === undefined) return undefined
    // Memory that a thread may have left half written is not used again: everything is read anew.
    const isOther = this.#open !== undefined && this.#open.label !== labelOf(kind)
    const broken = this.#open?.gallery.failure
    if (broken !== undefined) this.#note(broken)
    if (isOther || broken !== undefined) await this.#let()
    if (this.#open === undefined) return this.#begin(kind, await this.#openWithin(kind, waitMs), onAdded)
    await this.#followOrCopy(kind, onAdded)
    return this.#open
  }

  /** The first following after opening: what does not add up then is made again. */
  async #begin(kind: TemplateKind, opened: OpenIndex, onAdded?: OnAdded): Promise<OpenIndex> {
    this.#open = opened
    if (opened.folder !== undefined) await removeOtherIndexes(this.#store.dataFolder, opened.folder)
    await this.#followOrCopy(kind, onAdded)
    if (!(await holdsAll(this.#store, this.#open))) await this.#makeAgain(kind, onAdded)
    return this.#open
  }

  /** Where the disk takes nothing more, the index goes on in memory: searching must not depend on it. */
  async #followOrCopy(kind: TemplateKind, onAdded?: OnAdded): Promise<void> {
    try {
      await followRecord(this.#store, this.#open!, onAdded)
    } catch (error) {
      const refused =
        error instanceof AppError && (error.code === 'storage_full' || error.code === 'storage_read_only')
      if (!refused || this.#open?.folder === undefined) throw error
      await this.#let()
      this.#open = await this.#openCopy(kind)
      await followRecord(this.#store, this.#open, onAdded)
    }
  }

  async #makeAgain(kind: TemplateKind, onAdded?: OnAdded): Promise<void> {
    const folder = this.#open?.folder
    await this.#open?.gallery.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    this.#open = folder === undefined ? await this.#openCopy(kind) : await this.#openFiles(kind, folder)
    await followRecord(this.#store, this.#open, onAdded)
  }

  async #openWithin(kind: TemplateKind, waitMs: number): Promise<OpenIndex> {
    const folder = indexFolder(this.#store.dataFolder, kind)
    const deadline = Date.now() + waitMs
    for (;;) {
      try {
        return await this.#openFiles(kind, folder)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        if (error.code === 'storage_full' || error.code === 'storage_read_only') return this.#openCopy(kind)
        if (error.code !== 'conflict') throw error
        if (Date.now() >= deadline) return this.#openCopy(kind)
      }
      await delay(RETRY_MS)
    }
  }

  /** @throws AppError `conflict` while another process has the files open */
  async #openFiles(kind: TemplateKind, folder: string): Promise<OpenIndex> {
    const { indexKey: key } = this.#store
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const options = { ...this.#galleryOptions(kind), folder, ...(key === undefined ? {} : { key }) }
    const opened = await openGallery(options).catch(async (error: unknown) => {
      // Files under another key are from before a change of keys that was cut off; they are derived.
      if (!(error instanceof AppError) || error.code !== 'wrong_key') throw error
      await rm(folder, { recursive: true, force: true })
      return openGallery(options)
    })
    this.damage.push(...opened.damage)
    const removedThrough = opened.lastId === 0 ? undefined : readProgress(folder)
    return { kind, label: labelOf(kind), gallery: opened.gallery, folder, removedThrough }
  }

  async #openCopy(kind: TemplateKind): Promise<OpenIndex> {
    const { gallery } = await openGallery(this.#galleryOptions(kind))
    return { kind, label: labelOf(kind), gallery, folder: undefined, removedThrough: undefined }
  }

  #galleryOptions(kind: TemplateKind): Parameters<typeof openGallery>[0] {
    return {
      label: labelOf(kind),
      templateLength: kind.templateLength,
      loadTemplates: (ids) => entryVectors(this.#store.db, ids),
    }
  }

  async #dropFrom(kind: TemplateKind, folder: string, lastRemoval: number): Promise<boolean> {
    if (this.#open?.folder !== undefined) {
      await this.#follow(0)
      return true
    }
    if (!existsSync(folder) || (readProgress(folder) ?? -1) >= lastRemoval) return true
    try {
      const opened = await this.#openFiles(kind, folder)
      await this.#let()
      await this.#begin(kind, opened)
      return true
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return false
      throw error
    }
  }

  async #let(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.gallery.close()
  }
}

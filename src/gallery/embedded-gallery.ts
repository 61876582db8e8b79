import { availableParallelism } from 'node:os'
import { SerialQueue } from '../concurrency/serial-queue.ts'
import { AppError } from '../errors.ts'
import { calibrationFrom, type Calibration } from './calibration.ts'
import { rankExactly } from './exact-ranking.ts'
import { layoutShard } from './kernel/shard-layout.ts'
import { WorkerPool } from './kernel/worker-pool.ts'
import { GALLERY_LIMITS } from './limits.ts'
import { samplePairs } from './pair-sampling.ts'
import type { Damage } from './row-file.ts'
import { RowPersistence } from './row-persistence.ts'
import { RowStore, type RowPlace } from './row-store.ts'
import { ScanQueue } from './scan-queue.ts'
import {
  checkSearch,
  checkTemplate,
  checkTemplateLength,
  expected,
  isDay,
  isTag,
  keptFor,
} from './search-plan.ts'
import type {
  CalibrateOptions,
  Gallery,
  GalleryRow,
  GallerySearch,
  GalleryStats,
  SearchOptions,
  TemplateLoader,
} from './types.ts'

export interface GalleryOptions {
  /** Where the files are; left out for a gallery in memory only. */
  folder?: string
  /** Names what templates can be compared: model pack and pipeline version. Files of another label are refused. */
  label: string
  /** 32 bytes; files are then encrypted. */
  key?: Uint8Array
  /** Numbers in a template. */
  templateLength: number
  loadTemplates: TemplateLoader
  /** Worker threads. Default: one a core. */
  threads?: number
  /** Rows of a shard, a multiple of 64; smaller ones are for tests. Default 1,048,576. */
  rowsPerShard?: number
}

/** The mean is taken anew whenever the gallery has grown so many times, until it has so many rows that it no longer moves. */
const GROWTH_BEFORE_RECENTRING = 4
const ROWS_WITH_SETTLED_MEAN = 65_536
const FIRST_CENTRED_ROWS = 64

/** A gallery as it was found, and what the record must do about it. */
export interface OpenedGallery {
  gallery: EmbeddedGallery
  /** The gallery holds what it was given up to this id: feed it every row above, in order. 0 for an empty one. */
  lastId: number
  /** What could not be trusted and was dropped, for the log and for `doctor`. */
  damage: Damage[]
}

/**
 * Opens a gallery: reads its files, checks every byte, drops what is not whole, makes the codes.
 * Then the record feeds rows above `lastId` and removes ids that it erased since (see `docs/decisions/gallery-files.md`).
 * @throws AppError `conflict` when it is open elsewhere or holds other templates, `wrong_key`, `storage_read_only`
 */
export async function openGallery(options: GalleryOptions): Promise<OpenedGallery> {
  checkTemplateLength(options.templateLength)
  const { folder, label, templateLength, key } = options
  const files =
    folder === undefined ? undefined : await RowPersistence.open(folder, { label, templateLength, key })
  const gallery = new EmbeddedGallery(options, files)
  try {
    await gallery.load()
  } catch (error) {
    await gallery.close()
    throw error
  }
  return { gallery, lastId: gallery.stats().lastId, damage: files?.damage ?? [] }
}

/** The gallery in this process: a scan over shared memory on worker threads. */
export class EmbeddedGallery implements Gallery {
  #pool: WorkerPool
  #rows: RowStore
  #queue: ScanQueue
  #changes = new SerialQueue({
    most: GALLERY_LIMITS.waitingChanges,
    refusal: () =>
      new AppError('busy', `${GALLERY_LIMITS.waitingChanges} changes wait already; try again in a moment.`),
  })
  #loadTemplates: TemplateLoader
  #centredRows = FIRST_CENTRED_ROWS
  #closed = false

  #files: RowPersistence | undefined

  /** Use `openGallery`. */
  constructor(options: GalleryOptions, files: RowPersistence | undefined) {
    const { templateLength, loadTemplates, rowsPerShard = GALLERY_LIMITS.rowsPerShard } = options
    this.#files = files
    const threads = options.threads ?? Math.min(availableParallelism(), GALLERY_LIMITS.threads)
    const layout = layoutShard(templateLength, rowsPerShard, threads)
    this.#loadTemplates = loadTemplates
    this.#pool = new WorkerPool(layout)
    this.#rows = new RowStore(layout, this.#pool)
    this.#queue = new ScanQueue(this.#pool, this.#rows.shards, layout)
  }

  /**
   * Reads the files into memory, once, before anything else. As when rows are added, the mean is fixed once there are enough;
   * from then on codes are made while the next rows are read.
   */
  async load(): Promise<void> {
    let isRecentred = false
    await this.#files?.load(this.#rows, async (spans) => {
      if (isRecentred) return this.#rows.recode(spans)
      if (this.#rows.alive < ROWS_WITH_SETTLED_MEAN) return undefined
      isRecentred = true
      return this.#rows.recentre()
    })
    if (!isRecentred && this.#rows.alive > 0) await this.#rows.recentre()
    this.#useMean()
  }

  async add(rows: readonly GalleryRow[]): Promise<void> {
    checkRows(rows, this.#rows.layout.length)
    if (rows.length === 0) return
    await this.#changes.run(async () => {
      const { lastId } = this.#rows
      if (rows[0].id <= lastId)
        throw expected(`an id above ${lastId}, the last one held,`, 'row 0', rows[0].id)
      const spans = await this.#rows.reserve(rows.length)
      await this.#rows.encode(spans, rows)
      await this.#files?.append(this.#rows, spans)
      this.#rows.publish(spans)
      await this.#recentreIfGrown()
    })
  }

  async remove(ids: readonly number[]): Promise<number> {
    if (ids.length > GALLERY_LIMITS.idsPerRemove) {
      throw new AppError('limit_exceeded', `At most ${GALLERY_LIMITS.idsPerRemove} rows are removed at once.`)
    }
    return this.#changes.run(async () => {
      const places: RowPlace[] = []
      for (const id of ids) {
        const place = this.#rows.find(id)
        if (place === undefined) continue
        this.#rows.wipe(place)
        places.push(place)
      }
      await this.#files?.erase(this.#rows, places)
      return places.length
    })
  }

  async search(queries: readonly Float32Array[], options: SearchOptions): Promise<GallerySearch[]> {
    checkSearch(queries, options, this.#rows.layout.length)
    return Promise.all(queries.map((query) => this.#searchOne(query, options)))
  }

  async calibrate(options: CalibrateOptions = {}): Promise<Calibration | undefined> {
    if ((options.pairs ?? 0) > GALLERY_LIMITS.calibrationPairs) {
      throw new AppError('limit_exceeded', `At most ${GALLERY_LIMITS.calibrationPairs} pairs are compared.`)
    }
    const histogram = await samplePairs(this.#rows, this.#pool, options)
    return histogram === undefined ? undefined : calibrationFrom(histogram, this.#rows.alive)
  }

  /** Why it answers nothing any more, a worker having ended: to be closed and opened again. Undefined while it works. */
  get failure(): Error | undefined {
    return this.#pool.failure
  }

  ids(): Iterable<Float64Array> {
    return this.#rows.ids()
  }

  stats(): GalleryStats {
    const { alive, rows, lastId, layout } = this.#rows
    return {
      faces: alive,
      removed: rows - alive,
      lastId,
      templateLength: layout.length,
      bytesPerFace: layout.bytesPerRow,
      fileBytes: this.#files?.fileBytes ?? 0,
      threads: this.#pool.size,
      waitingQueries: this.#queue.length,
    }
  }

  async flush(): Promise<void> {
    await this.#changes.run(async () => this.#files?.sync())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#queue.close()
    await this.#changes.close(() => new AppError('conflict', 'The gallery is closed.'))
    await this.#files?.close()
    await this.#pool.close()
  }

  async #searchOne(query: Float32Array, options: SearchOptions): Promise<GallerySearch> {
    const scan = await this.#queue.scan(query, options)
    const kept = scan.hits
      // A row may have been removed since the scan passed it.
      .filter((hit) => this.#rows.isAlive(hit))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, keptFor(options.k))
    const ids = kept.map(({ shard, row }) => this.#rows.shards[shard].ids[row])
    const candidates = await rankExactly(query, ids, options.k, this.#loadTemplates)
    options.signal?.throwIfAborted()
    const { facesSearched, estimated, compared } = scan
    return { candidates, facesSearched, work: { estimated, compared, reranked: ids.length } }
  }

  async #recentreIfGrown(): Promise<void> {
    const { alive } = this.#rows
    if (this.#centredRows >= ROWS_WITH_SETTLED_MEAN || alive < this.#centredRows * GROWTH_BEFORE_RECENTRING)
      return
    await this.#recentre()
  }

  async #recentre(): Promise<void> {
    await this.#queue.alone(() => this.#rows.recentre())
    this.#useMean()
  }

  #useMean(): void {
    this.#queue.meanSquare = this.#rows.meanSquare
    this.#centredRows = Math.max(this.#rows.alive, FIRST_CENTRED_ROWS)
  }
}

function checkRows(rows: readonly GalleryRow[], length: number): void {
  if (rows.length > GALLERY_LIMITS.rowsPerAdd) {
    throw new AppError(
      'limit_exceeded',
      `At most ${GALLERY_LIMITS.rowsPerAdd} rows are added at once; these are ${rows.length}.`,
    )
  }
  let last = 0
  rows.forEach(({ id, template, tag, day }, i) => {
    if (!Number.isSafeInteger(id) || id <= last)
      throw expected(`a whole number above ${last}`, `id of row ${i}`, id)
    last = id
    checkTemplate(template, length, `template of row ${i}`)
    if (tag !== undefined && !isTag(tag))
      throw expected(`0 to ${GALLERY_LIMITS.largestTag}`, `tag of row ${i}`, tag)
    if (day !== undefined && !isDay(day)) throw expected('a whole day number', `day of row ${i}`, day)
  })
}

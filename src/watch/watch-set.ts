import { setImmediate as nextTurn } from 'node:timers/promises'
import { openGallery, type EmbeddedGallery } from '../gallery/embedded-gallery.ts'
import { GALLERY_LIMITS } from '../gallery/limits.ts'
import { labelOf, type TemplateKind } from '../store/active-templates.ts'
import { similarity } from '../engine/embed/similarity.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { StandingFace, StandingSearchTable } from '../store/tables/watch-tables.ts'
import { TemplatePool } from './template-pool.ts'
import { standingTemplate, subjectFaces } from './subject-faces.ts'

/** Rows and searches read at once: some 5 ms of the event loop. */
const ROWS_A_STEP = 200
const SEARCHES_A_STEP = 200
/** Most similar rows asked for first; asked for again with more when all of them reach some threshold. */
const FIRST_CANDIDATES = 48
const MORE_CANDIDATES = 1000
/** When as many rows were removed as are held, the memory is made anew. */
const REMOVED_SHARE = 0.5
/** Templates compared in one turn of the event loop, where more rows reach a threshold than the gallery gives. */
const COMPARED_A_TURN = 4000

/** A standing search as it is held in memory. */
export type WatchedSearch = Omit<StandingSearchTable, 'digest'>

/** A face that reaches the threshold of a standing search. */
export interface Reached {
  search: WatchedSearch
  row: StandingFace
  /** Cosine. */
  similarity: number
}

/**
 * [Note: watching]
 * Matching at enrolment is search with the roles reversed: the gallery holds the templates of all standing searches, and
 * each newly enrolled face is the query. It is compared with every one of them (int8 scan, then the float templates), so
 * none is missed. The set is that of one version of the record (`watch_state.version`): what is written on the ground of
 * a match is written in a transaction that finds the version unchanged, else the match is done again. So of any standing
 * row and any entry of the index feed, whichever was committed later, one of two comparisons has seen both: the row was
 * there when the entry was matched, or the entry was there when the row was compared with everything held. Doing both is
 * harmless: a hit is known by standing search and face.
 */
export class WatchSet {
  readonly label: string
  readonly kind: TemplateKind
  readonly #gallery: EmbeddedGallery
  readonly #templates: TemplatePool
  #rows = new Map<number, StandingFace>()
  #searches = new Map<string, WatchedSearch>()
  #lowest = 1
  #isTorn = false
  /** Of the record, when the set was loaded last; -1: never. */
  version = -1

  private constructor(kind: TemplateKind, gallery: EmbeddedGallery, templates: TemplatePool) {
    this.kind = kind
    this.label = labelOf(kind)
    this.#gallery = gallery
    this.#templates = templates
  }

  static async open(kind: TemplateKind): Promise<WatchSet> {
    const templates = new TemplatePool(kind.templateLength)
    const { gallery } = await openGallery({
      label: `watch ${labelOf(kind)}`,
      templateLength: kind.templateLength,
      threads: 1,
      loadTemplates: (ids) => ids.map((id) => templates.get(id)),
    })
    return new WatchSet(kind, gallery, templates)
  }

  /** Templates held. */
  get size(): number {
    return this.#rows.size
  }

  /** Whether a new set should take this one's place: much was removed, or a row could not be taken in when its turn was. */
  get isStale(): boolean {
    if (this.#isTorn) return true
    const { removed, faces } = this.#gallery.stats()
    return removed > ROWS_A_STEP && removed > (faces + removed) * REMOVED_SHARE
  }

  row(seq: number): { row: StandingFace; search: WatchedSearch; template: Float32Array } | undefined {
    const row = this.#rows.get(seq)
    const search = row && this.#searches.get(row.search_id)
    const template = this.#templates.get(seq)
    return row === undefined || search === undefined || template === undefined
      ? undefined
      : { row, search, template }
  }

  /** Brings the set in line with a version of the record. */
  async load(db: Db, version: number): Promise<void> {
    await this.#loadSearches(db)
    await this.#dropRows(db)
    await this.#addRows(db)
    this.#lowest = 1
    for (const { threshold } of this.#searches.values()) this.#lowest = Math.min(this.#lowest, threshold)
    this.version = version
  }

  /** Of each face, every row whose standing search's threshold it reaches. Unit vectors. */
  async match(faces: readonly Float32Array[]): Promise<Reached[][]> {
    if (this.#rows.size === 0) return faces.map(() => [])
    const found: Reached[][] = []
    for (let at = 0; at < faces.length; at += GALLERY_LIMITS.queriesPerSearch) {
      const queries = faces.slice(at, at + GALLERY_LIMITS.queriesPerSearch)
      const results = await this.#gallery.search(queries, { k: FIRST_CANDIDATES, exact: true })
      for (const [number, { candidates }] of results.entries()) {
        const isCut =
          candidates.length === FIRST_CANDIDATES &&
          candidates[FIRST_CANDIDATES - 1].similarity >= this.#lowest
        const all = isCut ? await this.#matchMany(queries[number]) : candidates
        found.push(
          all.flatMap(({ id, similarity: score }) => {
            const known = this.row(id)
            return known !== undefined && score >= known.search.threshold
              ? [{ search: known.search, row: known.row, similarity: score }]
              : []
          }),
        )
      }
    }
    return found
  }

  async close(): Promise<void> {
    await this.#gallery.close()
    this.#templates.clear()
  }

  async #matchMany(face: Float32Array): Promise<{ id: number; similarity: number }[]> {
    const k = MORE_CANDIDATES
    const [{ candidates }] = await this.#gallery.search([face], { k, exact: true })
    if (candidates.length < k || candidates[k - 1].similarity < this.#lowest) return candidates
    const all: { id: number; similarity: number }[] = []
    let compared = 0
    for (const id of this.#templates.numbers()) {
      all.push({ id, similarity: similarity(face, this.#templates.get(id)!) })
      if (++compared % COMPARED_A_TURN === 0) await nextTurn()
    }
    return all
  }

  async #loadSearches(db: Db): Promise<void> {
    const searches = new Map<string, WatchedSearch>()
    for (let after = ''; ;) {
      const rows = await db
        .selectFrom('standing_search')
        .selectAll()
        .where('state', '=', 'running')
        .where('threshold_label', '=', this.label)
        .where('id', '>', after)
        .orderBy('id')
        .limit(SEARCHES_A_STEP)
        .execute()
      for (const row of rows) {
        const { digest: _digest, ...search } = checkedRow('standing_search', row, row.id)
        searches.set(row.id, search)
      }
      if (rows.length < SEARCHES_A_STEP) break
      after = rows[rows.length - 1].id
      await nextTurn()
    }
    this.#searches = searches
  }

  async #dropRows(db: Db): Promise<void> {
    const rows = await db.selectFrom('standing_face').select('seq').where('label', '=', this.label).execute()
    const held = new Set(rows.map(({ seq }) => seq))
    const gone = [...this.#rows.keys()].filter((seq) => !held.has(seq))
    await this.#gallery.remove(gone)
    for (const seq of gone) {
      this.#rows.delete(seq)
      this.#templates.delete(seq)
    }
  }

  async #addRows(db: Db): Promise<void> {
    for (let after = this.#gallery.stats().lastId; ;) {
      const rows = await db
        .selectFrom('standing_face')
        .selectAll()
        .where('label', '=', this.label)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(ROWS_A_STEP)
        .execute()
      const added: { id: number; template: Float32Array }[] = []
      const bySearch = Map.groupBy(rows, (row) => row.search_id)
      for (const [id, own] of bySearch) {
        const search = this.#searches.get(id)
        const faces = search === undefined ? [] : await subjectFaces(db, search, this.kind)
        for (const row of own) {
          const template = standingTemplate(faces, row)
          // A photo that has just gone, or a search that has just begun: rows come in the order of their numbers only.
          if (template === undefined) {
            this.#isTorn = true
            continue
          }
          this.#rows.set(row.seq, row)
          this.#templates.set(row.seq, template)
          added.push({ id: row.seq, template })
        }
      }
      await this.#gallery.add(added.toSorted((a, b) => a.id - b.id))
      if (rows.length < ROWS_A_STEP) return
      after = rows[rows.length - 1].seq
      await nextTurn()
    }
  }
}

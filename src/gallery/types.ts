import type { Calibration } from './calibration.ts'

/**
 * The gallery: templates -> candidates. It knows vectors and ids; what they belong to is the record's affair.
 * Everything here is derived: delete it and the record feeds it again.
 */

/** One template on its way in. */
export interface GalleryRow {
  /**
   * A whole number above every id that this gallery has held: the record numbers its templates in the order it stores
   * them, so that the last id says how far the gallery has come.
   */
  id: number
  /** `templateLength` finite numbers, not all zero; brought to unit length here. */
  template: Float32Array
  /** What filters choose by, 0 to 65535; usually a number for the collection. Default 0. */
  tag?: number
  /** What date filters choose by: a whole day number, any epoch (int32). Left out when unknown: then no date filter passes. */
  day?: number
}

/** Which rows a search looks at; all given conditions must hold. Skipped rows are skipped during the scan. */
export interface GalleryFilter {
  /** Rows with any of these tags. An empty list passes nothing. */
  tags?: readonly number[]
  /** First and last day, both included. */
  firstDay?: number
  lastDay?: number
}

export interface SearchOptions {
  /** Candidates wanted, 1 to `GALLERY_LIMITS.candidates`. */
  k: number
  filter?: GalleryFilter
  /** Compares with the int8 template of every row rather than of those whose codes are near. Default false. */
  exact?: boolean
  /** Ends the search; the promise is then refused with the signal's reason. */
  signal?: AbortSignal
}

export interface GalleryCandidate {
  id: number
  /** Cosine of query and template from the record's float templates, -1 to 1. */
  similarity: number
}

/** What came of one query. */
export interface GallerySearch {
  /** Most similar first, ties by id; fewer than k when fewer rows pass the filter. */
  candidates: GalleryCandidate[]
  /** Rows that passed the filter: the number of faces this was a search of. */
  facesSearched: number
  /** How many rows each stage looked at, for judging the cost. */
  work: { estimated: number; compared: number; reranked: number }
}

export interface GalleryStats {
  /** Rows that searches can return. */
  faces: number
  /** Rows that were removed and still take room. */
  removed: number
  /** The greatest id ever held, 0 when none. */
  lastId: number
  templateLength: number
  /** Bytes of memory that one row takes, all columns counted. */
  bytesPerFace: number
  /** Bytes of the files that hold the rows; 0 for a gallery in memory only. */
  fileBytes: number
  threads: number
  waitingQueries: number
}

/** How well templates of one gallery's strangers resemble each other; see `calibration.ts`. */
export interface CalibrateOptions {
  /** Pairs to compare, at most 1e9. Default 1e8, or all pairs of a small gallery. */
  pairs?: number
  /** The person of an id where somebody has said so: pairs of one person are left out. Any whole number from 0. */
  personOf?: (id: number) => number | undefined
  /** Which pairs are drawn. Default 1. */
  seed?: number
  signal?: AbortSignal
}

export interface Gallery {
  /**
   * Adds rows; when it resolves, searches find them and the operating system has them (a power cut may still lose the end,
   * which the next opening notices).
   * @throws AppError `bad_input` for ids out of order, wrong lengths, numbers that are not finite, templates of zeros,
   *   `limit_exceeded` for too many rows at once, `busy`, `storage_full`, `storage_read_only`; then nothing was added
   */
  add(rows: readonly GalleryRow[]): Promise<void>
  /**
   * Removes rows; unknown ids are passed over. When it resolves no search returns them, their bytes are overwritten in memory
   * and, fsynced, in the files.
   * @returns how many were there
   */
  remove(ids: readonly number[]): Promise<number>
  /**
   * Searches with each query; results are in the order of the queries. Queries need not have unit length.
   * @throws AppError `bad_input`, `limit_exceeded`, `busy`; the signal's reason when it fires
   */
  search(queries: readonly Float32Array[], options: SearchOptions): Promise<GallerySearch[]>
  /** Measures what a similarity means among the faces held; undefined when there are too few to say. */
  calibrate(options?: CalibrateOptions): Promise<Calibration | undefined>
  /** Ids held, ascending, in pieces: for comparing with the record. */
  ids(): Iterable<Float64Array>
  stats(): GalleryStats
  /** Makes sure that what was added survives a power cut. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * The record's float templates of these ids, in their order; undefined for ids that it no longer holds, which are then left
 * out of the candidates.
 */
export type TemplateLoader = (
  ids: readonly number[],
) => Promise<readonly (Float32Array | undefined)[]> | readonly (Float32Array | undefined)[]

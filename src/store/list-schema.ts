import type { GeneratedAlways } from 'kysely'

/** Derived: the words of each source, which `word_index` finds; see [Note: lists by index]. */
export interface SourceWordsTable {
  seq: number
  source_id: string
  /** Words for the collection and for whether the photo has faces. */
  scope: string
  /** As it is written. */
  said: string
  /** Both, folded. */
  words: GeneratedAlways<string>
}

/** Derived: what a collection holds. */
export interface CollectionCountTable {
  collection_id: string
  media: number
  faces: number
  /** Of the originals. */
  bytes: number
}

/** Derived: items of an import in each state. */
export interface ImportCountTable {
  import_id: string
  state: ImportItemState
  items: number
}

/** Derived: four 16-bit quarters of each perceptual hash, for finding near duplicates. */
export interface PhashBandTable {
  band: number
  media_id: string
}

export interface NearDuplicateTable {
  media_id: string
  earlier_media_id: string
  distance_bits: number
}

export type ImportItemState = 'waiting' | 'done' | 'duplicate' | 'no_face' | 'unreadable' | 'failed'

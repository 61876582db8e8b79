import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import type { Store } from '../store/store.ts'
import type { ImportItemState } from '../store/tables/import-tables.ts'
import type { Engine } from '../engine/types.ts'
import type { Actor } from '../actor/actor.ts'
export interface CommitTarget {
  store: Store
  engine: Pick<Engine, 'packId' | 'pipelineVersion' | 'templateLength'>
  actor: Actor
  row: ImportTable
  collection: CollectionTable
}

/** How many items ended in which state, and the faces found in them. */
export type Tally = Record<ImportItemState, number> & {
  faces: number
  nearDuplicates: number
  /** Taken in though their bytes are not those that the archive or tool says. */
  differing: number
  /** Read though not whole: cut short, more pictures in the file, a raw's preview. */
  remarked: number
}

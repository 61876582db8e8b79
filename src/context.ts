import type { Engine } from './engine/types.ts'
import type { LiveIndex } from './live-index/live-index.ts'
import type { PartStatus } from './concurrency/part-state.ts'
import type { Store } from './store/store.ts'
import type { VideoFiles } from './video/video-files.ts'

/** What actions work with; wired by hand in open-context.ts. */
export interface Context {
  readonly store: Store
  /** The index of faces, opened when first searched. */
  readonly index: LiveIndex
  /** Originals of videos for the programs that decode them. */
  readonly videos: VideoFiles
  /** The engine, started when first asked for: most commands never need it. */
  readonly engine: () => Promise<Engine>
  /** How the engine stands, without starting it. */
  readonly engineStatus: () => PartStatus
}

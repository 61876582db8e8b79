import { bindEarlierRows } from './audit/bind-earlier-rows.ts'
import type { Engine } from './engine/types.ts'
import { LiveIndex } from './live-index/live-index.ts'
import { activeTemplates } from './store/active-templates.ts'
import { openStore, type Store, type StoreOptions } from './store/store.ts'
import { VideoFiles } from './video/video-files.ts'

/** What actions work with; wired here, by hand. */
export interface Context {
  readonly store: Store
  /** The index of faces, opened when first searched. */
  readonly index: LiveIndex
  /** Originals of videos for the programs that decode them. */
  readonly videos: VideoFiles
  /** The engine, started when first asked for: most commands never need it. */
  readonly engine: () => Promise<Engine>
}

export interface OpenContext extends Context {
  /** Ends the engine if it was started, then closes index and store. */
  close(): Promise<void>
}

export interface ContextOptions extends StoreOptions {
  /** @param packId the pack whose templates the record holds; undefined in a new record: the default pack */
  createEngine: (packId: string | undefined) => Promise<Engine>
}

/** Opens the data folder and prepares the rest. @throws AppError as `openStore` */
export async function openContext(options: ContextOptions): Promise<OpenContext> {
  const store = await openStore(options)
  await bindEarlierRows(store.db)
  const index = new LiveIndex(store)
  const videos = new VideoFiles(store)
  let engine: Promise<Engine> | undefined
  return {
    store,
    index,
    videos,
    engine: () => (engine ??= activeTemplates(store.db).then((kind) => options.createEngine(kind?.packId))),
    async close() {
      try {
        await engine?.then(
          (started) => started.close(),
          () => undefined,
        )
      } finally {
        await index.close()
        await videos.close()
        await store.close()
      }
    },
  }
}

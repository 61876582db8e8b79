import { bindEarlierRows } from './audit/bind-earlier-rows.ts'
import { Closing } from './closing.ts'
import type { Engine } from './engine/types.ts'
import type { Context } from './context.ts'
import { KeptEngine } from './kept-engine.ts'
import { LiveIndex } from './live-index/live-index.ts'
import { activeTemplates } from './store/active-templates.ts'
import { openStore, type StoreOptions } from './store/store.ts'
import { VideoFiles } from './video/video-files.ts'

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
  const closing = new Closing()
  const store = await openStore(options)
  closing.add(() => store.close())
  try {
    await bindEarlierRows(store.db)
  } catch (error) {
    await closing.close()
    throw error
  }
  const index = new LiveIndex(store)
  const videos = new VideoFiles(store)
  const engine = new KeptEngine(async () => options.createEngine((await activeTemplates(store.db))?.packId))
  closing.add(() => videos.close())
  closing.add(() => index.close())
  closing.add(() => engine.close())
  return {
    store,
    index,
    videos,
    engine: () => engine.get(),
    engineStatus: () => engine.status,
    close: () => closing.close(),
  }
}

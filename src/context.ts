import type { Engine } from './engine/types.ts'
import { activePack } from './store/active-pack.ts'
import { openStore, type Store, type StoreOptions } from './store/store.ts'

/** What actions work with; wired here, by hand. */
export interface Context {
  readonly store: Store
  /** The engine, started when first asked for: most commands never need it. */
  readonly engine: () => Promise<Engine>
}

export interface OpenContext extends Context {
  /** Ends the engine if it was started, then closes the store. */
  close(): Promise<void>
}

export interface ContextOptions extends StoreOptions {
  /** @param packId the pack whose templates the record holds; undefined in a new record: the default pack */
  createEngine: (packId: string | undefined) => Promise<Engine>
}

/** Opens the data folder and prepares the rest. @throws AppError as `openStore` */
export async function openContext(options: ContextOptions): Promise<OpenContext> {
  const store = await openStore(options)
  let engine: Promise<Engine> | undefined
  return {
    store,
    engine: () => (engine ??= activePack(store.db).then((packId) => options.createEngine(packId))),
    async close() {
      try {
        await engine?.then(
          (started) => started.close(),
          () => undefined,
        )
      } finally {
        await store.close()
      }
    },
  }
}

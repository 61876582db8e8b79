import { itemsOf, untilRead } from '../contract/client/follow-import.ts'
import type { Outcome } from './import-outcomes.ts'
import { ProgressLine } from './output/progress.ts'
import type { ServerClient } from './server-options.ts'

/** Waits, with a progress line, until a service has read the videos and archives of an import; the signal's reason ends it. */
export async function tellUntilRead(
  client: ServerClient,
  which: { collectionId: string; importId: string },
  signal: AbortSignal,
): Promise<void> {
  const line = new ProgressLine('Reading')
  line.start()
  const tell: Parameters<typeof untilRead>[2] = ({ counts, videos }) => {
    const { waiting, ...ended } = counts
    const done = Object.values(ended).reduce((sum, count) => sum + count, 0)
    line.update(done, done + waiting, videos.map(({ name, faces }) => `${name}: ${faces} faces`).join(', '))
  }
  try {
    await client.with((api) => untilRead(api, which, tell, signal), signal)
  } finally {
    line.end()
  }
}

/** What came of each file of an import, in order. */
export async function outcomesOf(client: ServerClient, importId: string): Promise<Outcome[]> {
  const items = await client.with((api) => itemsOf(api, importId))
  return items.map(({ name, state, detail, reason, remarks }) => ({ name, state, detail, reason, remarks }))
}

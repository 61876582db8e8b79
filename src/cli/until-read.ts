import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from './import-outcomes.ts'
import { ProgressLine } from './output/progress.ts'
import type { ServerClient } from './server-options.ts'
import { untilAnswered } from './until-answered.ts'

const LOOK_EVERY_MS = 1000
const ITEMS_A_PAGE = 1000

/** Waits until a service has read the videos and archives of an import that takes no more files; the signal's reason ends it. */
export async function untilRead(
  client: ServerClient,
  collectionId: string,
  importId: string,
  signal: AbortSignal,
): Promise<void> {
  const line = new ProgressLine('Reading')
  line.start()
  try {
    for (;;) {
      const imports = await untilAnswered(
        () => client.call('listImports', { params: { id: collectionId }, signal }),
        signal,
      )
      const one = imports.find(({ id }) => id === importId)
      if (one === undefined || one.finishedAt !== null) return
      const { waiting, ...ended } = one.counts
      const done = Object.values(ended).reduce((sum, count) => sum + count, 0)
      line.update(
        done,
        done + waiting,
        one.videos.map(({ name, faces }) => `${name}: ${faces} faces`).join(', '),
      )
      await delay(LOOK_EVERY_MS, undefined, { signal })
    }
  } finally {
    line.end()
  }
}

/** What came of each file of an import, in order. */
export async function outcomesOf(client: ServerClient, importId: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let after = -1; ;) {
    const page = await client.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    outcomes.push(
      ...page.map(({ name, state, detail, reason, remarks }) => ({ name, state, detail, reason, remarks })),
    )
    if (page.length < ITEMS_A_PAGE) return outcomes
    after = page[page.length - 1].ordinal
  }
}

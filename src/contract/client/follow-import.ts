import type { ApiClient, CallReply } from './api-client.ts'
import { pause } from './pause.ts'
import { untilAnswered } from './until-answered.ts'

const LOOK_EVERY_MS = 1000
const ITEMS_A_PAGE = 1000

/**
 * Waits until the service has read the videos and web archives of an import that takes no more files.
 * @param onProgress is told, about once a second, how far it is
 * @throws ApiProblem what the service refuses; the signal's reason
 */
export async function untilRead(
  client: ApiClient,
  { collectionId, importId }: { collectionId: string; importId: string },
  onProgress: (one: CallReply<'listImports'>[number]) => void,
  signal: AbortSignal,
): Promise<void> {
  const params = { id: collectionId }
  for (;;) {
    const imports = await untilAnswered(() => client.call('listImports', { params, signal }), signal)
    const one = imports.find(({ id }) => id === importId)
    if (one === undefined || one.finishedAt !== null) return
    onProgress(one)
    await pause(LOOK_EVERY_MS, signal)
  }
}

/**
 * Files of an import that need not be sent again, by the name that the service keeps; see `keptName`.
 * @throws ApiProblem what the service refuses
 */
export async function takenIn(
  client: ApiClient,
  importId: string,
): Promise<Map<string, CallReply<'listImportItems'>[number]>> {
  const items = await itemsOf(client, importId)
  return new Map(
    items.filter(({ state }) => state !== 'failed' && state !== 'waiting').map((item) => [item.name, item]),
  )
}

/** Every file of an import, with what came of it, in order. @throws ApiProblem what the service refuses */
export async function itemsOf(client: ApiClient, importId: string): Promise<CallReply<'listImportItems'>> {
  const items: CallReply<'listImportItems'> = []
  for (let after = -1; ;) {
    const page = await client.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    items.push(...page)
    if (page.length < ITEMS_A_PAGE) return items
    after = page[page.length - 1].ordinal
  }
}

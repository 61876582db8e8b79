import { api, type Reply } from '../../api.ts'
import { untilAnswered } from './until-answered.ts'

type Import = Reply<'listImports'>[number]
type Item = Reply<'listImportItems'>[number]

const LOOK_EVERY_MS = 1000
const ITEMS_A_PAGE = 1000

/** Waits until the service has read the videos and web archives of an import; false when nobody wants to know any more. */
export async function untilRead(
  collectionId: string,
  importId: string,
  isWanted: () => boolean,
  onProgress: (one: Import) => void,
): Promise<boolean> {
  while (isWanted()) {
    const imports = await untilAnswered(() => api.call('listImports', { params: { id: collectionId } }))
    const one = imports.find(({ id }) => id === importId)
    if (one === undefined || one.finishedAt !== null) return true
    onProgress(one)
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_EVERY_MS)
    })
  }
  return false
}

/** Every file of an import, with what came of it. */
export async function itemsOf(importId: string): Promise<Item[]> {
  const items: Item[] = []
  for (let after = -1; ;) {
    const page = await api.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    items.push(...page)
    if (page.length < ITEMS_A_PAGE) return items
    after = page[page.length - 1].ordinal
  }
}

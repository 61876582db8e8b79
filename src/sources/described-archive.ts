import { archiveSource, archiveItems, type OpenArchive } from './archive-source.ts'
import type { ImportSource, ListedItem } from './source-item.ts'
import { claimsFrom, describeFiles, mayBeList, type Descriptions } from './tool-output/descriptions.ts'

/** All lists of one archive together are held in memory. */
const MAX_HELD_LIST_BYTES = 256 * 1024 * 1024

/** A zip or tar of photos, with what lists in it say of them: manifests, hash lists, bags, `import.csv` of Uwazi. */
export function describedArchive(openArchive: OpenArchive): ImportSource {
  const entries = archiveSource(openArchive)
  return {
    list: () => listDescribed(openArchive, entries),
    openReader(place) {
      const reader = entries.openReader(place)
      let lists: Promise<number[]> | undefined
      return {
        async read(ordinal, name) {
          return reader.read(withLists(ordinal, await (lists ??= listPositions(openArchive))), name)
        },
        close: () => reader.close(),
      }
    },
  }
}

async function* listDescribed(openArchive: OpenArchive, entries: ImportSource): AsyncGenerator<ListedItem> {
  const { described } = await describeArchive(openArchive)
  for await (const item of entries.list()) {
    if (described.lists.has(item.name)) continue
    const claims = item.refusal === undefined ? claimsFrom(described.files.get(item.name)) : undefined
    yield claims === undefined ? item : { ...item, claims }
  }
  yield* described.refused
}

async function listPositions(openArchive: OpenArchive): Promise<number[]> {
  const { described, mayBeLists } = await describeArchive(openArchive)
  return mayBeLists.filter(({ name }) => described.lists.has(name)).map(({ position }) => position)
}

/** Lists are entries and no items: an item stands among the entries as many places further on as lists come before it. */
function withLists(ordinal: number, positions: readonly number[]): number {
  let at = ordinal
  for (const position of positions) if (position <= at) at += 1
  return at
}

interface DescribedArchive {
  described: Descriptions
  /** Entries that may be lists, with their places among all that count as items. */
  mayBeLists: { name: string; position: number }[]
}

/** Goes through the archive once for its lists. What is damaged has none; the entries say what is wrong. */
async function describeArchive(openArchive: OpenArchive): Promise<DescribedArchive> {
  const names: string[] = []
  const otherNames = new Map<string, () => string[]>()
  const mayBeLists: DescribedArchive['mayBeLists'] = []
  const lists = new Map<string, Buffer>()
  let held = 0
  let position = -1
  for await (const { item, entry } of archiveItems(openArchive)) {
    position += 1
    if (item.refusal !== undefined) continue
    names.push(item.name)
    if (entry.otherNames !== undefined) otherNames.set(item.name, entry.otherNames)
    if (!mayBeList(item.name)) continue
    mayBeLists.push({ name: item.name, position })
    if (lists.has(item.name)) continue
    const read = await entry.read(undefined)
    if (!read.ok || read.bytes === undefined || held + read.bytes.byteLength > MAX_HELD_LIST_BYTES) continue
    held += read.bytes.byteLength
    lists.set(item.name, Buffer.from(read.bytes.buffer, read.bytes.byteOffset, read.bytes.byteLength))
  }
  const described = await describeFiles(
    names,
    async (name, limit) => {
      const bytes = lists.get(name)
      return bytes === undefined || bytes.byteLength > limit ? undefined : bytes
    },
    (name) => otherNames.get(name)?.() ?? [],
  )
  return { described, mayBeLists }
}

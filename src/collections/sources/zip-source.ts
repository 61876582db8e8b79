import { archiveSource } from './archive-source.ts'
import type { ImportSource, ListedItem } from './source-item.ts'
import {
  claimsFrom,
  describeFiles,
  NOTHING_DESCRIBED,
  type Descriptions,
} from './tool-output/descriptions.ts'
import { openZip, type OpenZip, type ZipEntry } from './open-zip.ts'
import { fileBytes } from './web-archive/byte-feed.ts'
import { zipEntries } from './zip-entries.ts'

/** A zip of photos, with what lists in it say of them: manifests, hash lists, `import.csv` of Uwazi. */
export function zipSource(file: string): ImportSource {
  const entries = archiveSource(() => zipEntries(file))
  return {
    list: () => listZip(file, entries),
    openReader() {
      const reader = entries.openReader()
      let places: Promise<number[] | undefined> | undefined
      return {
        async read(ordinal, name) {
          const known = await (places ??= placesOf(file, entries))
          return reader.read(known === undefined ? ordinal : (known[ordinal] ?? -1), name)
        },
        close: () => reader.close(),
      }
    },
  }
}

async function* listZip(file: string, entries: ImportSource): AsyncGenerator<ListedItem> {
  const described = await describeZip(file)
  for await (const item of entries.list()) {
    if (described.lists.has(item.name)) continue
    const claims = item.refusal === undefined ? claimsFrom(described.files.get(item.name)) : undefined
    yield claims === undefined ? item : { ...item, claims }
  }
  yield* described.refused
}

/** Where each item stands among the entries: lists are entries and no items. Undefined when there is no list. */
async function placesOf(file: string, entries: ImportSource): Promise<number[] | undefined> {
  const { lists } = await describeZip(file)
  if (lists.size === 0) return undefined
  const places: number[] = []
  let place = 0
  for await (const { name } of entries.list()) {
    if (!lists.has(name)) places.push(place)
    place += 1
  }
  return places
}

/** A zip that is damaged has no lists; its entries say what is wrong. */
async function describeZip(file: string): Promise<Descriptions> {
  const bytes = await fileBytes(file).catch(() => undefined)
  if (bytes === undefined) return NOTHING_DESCRIBED
  try {
    const zip = await openZip(bytes)
    const entries = new Map<string, ZipEntry>()
    for await (const entry of zip.entries()) {
      if (!/[/\\]$/.test(entry.name) && !entries.has(entry.name)) entries.set(entry.name, entry)
    }
    return await describeFiles(
      [...entries.keys()],
      (name, limit) => listIn(zip, entries.get(name)!, limit),
      (name) => entries.get(name)!.otherNames(),
    )
  } catch {
    return NOTHING_DESCRIBED
  } finally {
    await bytes.close()
  }
}

/** Undefined when it is too large, or cannot be read: as an entry it says why. */
async function listIn(zip: OpenZip, { facts }: ZipEntry, limit: number): Promise<Buffer | undefined> {
  if (facts.uncompressedSize > limit || facts.isEncrypted()) return undefined
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of zip.read(facts)) parts.push(chunk)
  } catch {
    return undefined
  }
  return Buffer.concat(parts)
}

import path from 'node:path'
import {
  refusedBytes,
  refusedItem,
  type ImportSource,
  type ItemBytes,
  type KeepArchive,
  type ListedItem,
} from '../source-item.ts'
import type { ArchiveLocation } from './archive-messages.ts'
import { ArchiveThread } from './archive-thread.ts'
import type { ArchiveKind } from '../../store/tables/archive-tables.ts'
import { ArchiveFault, type Capture, type IndexedRecord } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'

/** Rows that the thread hands over at once. */
const BATCH = 500

/** A web archive: WARC, WACZ, MHTML, or a page saved as HTML. Its media are the items; the archive itself is kept too. */
export function webArchiveSource(file: string, kind: ArchiveKind): ImportSource {
  return {
    list: (keep) => listArchive(file, kind, path.basename(file), undefined, keep),
    openReader() {
      const reader = new ArchiveReader(path.dirname(file), file)
      return {
        read: async (_ordinal, _name, capture) => (capture === undefined ? notThere() : reader.read(capture)),
        close: () => reader.close(),
      }
    },
  }
}

/**
 * Surveys an archive in its thread, hands it over to be kept, then gives its items. What is wrong with it is an item that
 * is refused; whatever else stands in the folder is not touched by it.
 * @param below its path below the folder that is imported; undefined when the archive itself is
 */
export async function* listArchive(
  file: string,
  kind: ArchiveKind,
  name: string,
  below: string | undefined,
  keep: KeepArchive | undefined,
): AsyncGenerator<ListedItem> {
  const thread = new ArchiveThread()
  try {
    const facts = await thread.ask('survey', { location: { file }, kind, name })
    await keep?.({ ...facts, file }, surveyedRecords(thread))
    for await (const item of surveyedItems(thread)) yield below === undefined ? item : inFolder(item, below)
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    yield refusedItem(below ?? name, error.reason, `The archive cannot be read: ${error.message}.`)
  } finally {
    await thread.close()
  }
}

/** Reads a file out of an archive, from where it stood when the archive was surveyed. */
export async function readFromArchive(
  thread: ArchiveThread,
  location: ArchiveLocation,
  capture: Capture | undefined,
): Promise<ItemBytes> {
  if (capture?.place === undefined) return notThere()
  const { place, digest } = capture
  const kind = place.length === undefined ? 'warc' : 'mhtml'
  try {
    return { ok: true, bytes: await thread.ask('read', { location, kind, place, surveyed: digest.verdict }) }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    return refusedBytes(error.reason, `It cannot be read from its archive: ${error.message}.`)
  }
}

/** Reads files out of archives; one thread for all archives of an import. */
export class ArchiveReader {
  readonly #root: string
  readonly #archive: string | undefined
  readonly #thread = new ArchiveThread()

  /** @param archive the one archive of the import; undefined when places name theirs below the root */
  constructor(root: string, archive: string | undefined) {
    this.#root = root
    this.#archive = archive
  }

  async read(capture: Capture): Promise<ItemBytes> {
    const { place } = capture
    const file = this.#archive ?? (place?.file === undefined ? undefined : path.join(this.#root, place.file))
    if (file === undefined) return notThere()
    return readFromArchive(this.#thread, { file }, capture)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

function inFolder(item: ListedItem, below: string): ListedItem {
  const name = `${below} > ${item.name}`
  const { claims } = item
  // Of a saved page: the file stands beside it.
  if (claims?.capture !== undefined && claims.capture.place === undefined) return item
  if (claims?.capture?.place === undefined) return { ...item, name }
  return {
    ...item,
    name,
    claims: { ...claims, capture: { ...claims.capture, place: { ...claims.capture.place, file: below } } },
  }
}

/** Items of the archive that the thread surveyed last. */
export async function* surveyedItems(thread: ArchiveThread): AsyncGenerator<SurveyedItem> {
  for (let from = 0; ; from += BATCH) {
    const items = await thread.ask('items', { from, count: BATCH })
    yield* items
    if (items.length < BATCH) return
  }
}

export async function* surveyedRecords(thread: ArchiveThread): AsyncGenerator<IndexedRecord[]> {
  for (let from = 0; ; from += BATCH) {
    const records = await thread.ask('records', { from, count: BATCH })
    if (records.length > 0) yield records
    if (records.length < BATCH) return
  }
}

function notThere(): ItemBytes {
  return refusedBytes(
    'changed_since_listed',
    'Where it stands in its archive is not known; import the archive again.',
  )
}

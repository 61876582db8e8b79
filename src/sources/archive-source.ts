import { SerialQueue } from '../concurrency/serial-queue.ts'
import { CONTAINER_HEAD_BYTES, sniffContainer } from '../video/sniff-container.ts'
import { videoItemFrom } from '../video/video-item.ts'
import { MAX_ARCHIVE_ENTRIES, MAX_ITEM_BYTES, MAX_NAME_LENGTH } from './limits.ts'
import { archiveRefusal } from './archive-kind.ts'
import { tooLong, unsafePath } from './safe-path.ts'
import {
  brokenText,
  isSystemLitter,
  refusedBytes,
  refusedItem,
  type ImportSource,
  type ItemBytes,
  type ItemReader,
  type ListedItem,
  type WorkingPlace,
} from './source-item.ts'
import { type Refusal } from './refusal.ts'

/** One entry of an archive, in the archive's order. `read` may be called once, before the next entry is asked for. */
export interface ArchiveEntry {
  name: string
  /** How lists may name it as well: its bytes in other code pages. */
  otherNames?: () => string[]
  kind: 'file' | 'folder' | 'link' | 'other'
  refusal: Refusal | undefined
  /** @param place where a video is written out; without it a video's bytes are given like a photo's */
  read(place: WorkingPlace | undefined): Promise<ItemBytes>
}

/** Opens an archive from its beginning. Damage ends the entries with one that is refused. */
export type OpenArchive = () => AsyncGenerator<ArchiveEntry>

/**
 * An archive of either kind. Items are read by going forward through the entries, so that tar.gz needs no copy on the
 * disk and several processes can each go through it; only an item before the last one read starts from the beginning.
 */
export function archiveSource(openArchive: OpenArchive): ImportSource {
  return {
    async *list() {
      for await (const { item } of archiveItems(openArchive)) yield item
    },
    openReader: (place) => new ForwardReader(openArchive, place),
  }
}

/** An entry that counts as an item. */
export interface NumberedItem {
  item: ListedItem
  entry: ArchiveEntry
}

/** What counts as an item, the same way each time: ordinals rest on it. Nothing is ever written where an entry's name says. */
export async function* archiveItems(openArchive: OpenArchive): AsyncGenerator<NumberedItem> {
  let entries = 0
  for await (const entry of openArchive()) {
    if (++entries > MAX_ARCHIVE_ENTRIES) {
      const detail = `The archive has more than MAX_ARCHIVE_ENTRIES, ${MAX_ARCHIVE_ENTRIES} entries; the rest was not listed.`
      yield { item: refusedItem(entry.name, 'too_many_entries', detail), entry }
      return
    }
    if (entry.kind === 'folder' || isSystemLitter(entry.name)) continue
    const refusal = entry.refusal ?? refusalOf(entry)
    const name = entry.name.slice(0, MAX_NAME_LENGTH)
    const item =
      refusal === undefined
        ? { name, claims: undefined, refusal }
        : refusedItem(name, refusal.reason, refusal.detail)
    yield { item, entry }
  }
}

function refusalOf(entry: ArchiveEntry): Refusal | undefined {
  if (entry.name.length > MAX_NAME_LENGTH) return { reason: 'name_too_long', detail: tooLong() }
  const broken = brokenText(entry.name)
  if (broken !== undefined) return { reason: 'broken_text', detail: `Its name holds ${broken}.` }
  const unsafe = unsafePath(entry.name)
  if (unsafe !== undefined) return { reason: 'unsafe_path', detail: unsafe }
  if (entry.kind === 'link') return { reason: 'link', detail: 'It is a link; links are not followed.' }
  if (entry.kind === 'other') return { reason: 'not_a_file', detail: 'It is not an ordinary file.' }
  return undefined
}

class ForwardReader implements ItemReader {
  readonly #openArchive: OpenArchive
  readonly #place: WorkingPlace | undefined
  #items: AsyncGenerator<NumberedItem> | undefined
  #next = 0
  readonly #queue = new SerialQueue()

  constructor(openArchive: OpenArchive, place: WorkingPlace | undefined) {
    this.#openArchive = openArchive
    this.#place = place
  }

  read(ordinal: number, name: string): Promise<ItemBytes> {
    return this.#queue.run(() => this.#readNow(ordinal, name))
  }

  async close(): Promise<void> {
    await this.#queue.idle()
    await this.#items?.return(undefined)
  }

  async #readNow(ordinal: number, name: string): Promise<ItemBytes> {
    if (this.#items === undefined || ordinal < this.#next) {
      await this.#items?.return(undefined)
      this.#items = archiveItems(this.#openArchive)
      this.#next = 0
    }
    for (;;) {
      const { value, done } = await this.#items.next()
      if (done === true) break
      if (this.#next++ < ordinal) continue
      if (value.item.name !== name) break
      return value.item.refusal === undefined
        ? value.entry.read(this.#place)
        : { ok: false, refusal: value.item.refusal }
    }
    return refusedBytes(
      'changed_since_listed',
      'The archive has changed since it was listed; import it again.',
    )
  }
}

/**
 * Takes an entry's bytes: a video goes into a working file, anything else is joined within `MAX_ITEM_BYTES`.
 * @param declaredBytes as the archive says
 * @returns undefined when there are more bytes than may be
 */
export async function collectItem(
  chunks: AsyncIterable<Uint8Array>,
  declaredBytes: number,
  place: WorkingPlace | undefined,
): Promise<ItemBytes | undefined> {
  const head: Uint8Array[] = []
  const rest = chunks[Symbol.asyncIterator]()
  for (let bytes = 0; bytes < CONTAINER_HEAD_BYTES;) {
    const next = await rest.next()
    if (next.done === true) break
    head.push(next.value)
    bytes += next.value.byteLength
  }
  const whole = joined(head, rest)
  if (place !== undefined && sniffContainer(Buffer.concat(head)) !== undefined) {
    const video = await videoItemFrom(place, whole)
    return video === undefined ? undefined : { ok: true, video }
  }
  const archive = archiveRefusal(Buffer.concat(head))
  if (archive !== undefined) return { ok: false, refusal: archive }
  if (declaredBytes > MAX_ITEM_BYTES) return undefined
  const bytes = await collectBytes(whole)
  return bytes === undefined ? undefined : { ok: true, bytes }
}

async function* joined(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head
  for (;;) {
    const next = await rest.next()
    if (next.done === true) return
    yield next.value
  }
}

/** Joins a stream of chunks within `MAX_ITEM_BYTES`; undefined when there is more. */
async function collectBytes(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > MAX_ITEM_BYTES) return undefined
    parts.push(chunk)
  }
  return Buffer.concat(parts, bytes)
}

import type { Refusal } from './refusal.ts'
import type { RefusalReason } from './refusal.ts'
import type { Claims } from './claims.ts'
import type { Store } from '../store/store.ts'
import type { VideoItem } from '../video/video-item.ts'
import type { ArchiveFacts, Capture, IndexedRecord } from './web-archive/capture.ts'

/** What decides where working files stand, see [Note: working files]. */
export type WorkingPlace = Pick<Store, 'dataFolder' | 'encrypted'>

/** One item found while listing a source; its ordinal is its place in the listing. */
export interface ListedItem {
  /** Path below the folder, name inside the archive, or path as the manifest has it. */
  name: string
  claims: Claims | undefined
  refusal: Refusal | undefined
}

/** A video is given as an open file instead of its bytes; whoever gets it closes it. */
export type ItemBytes =
  | { ok: true; bytes: Uint8Array; video?: undefined }
  | { ok: true; video: VideoItem; bytes?: undefined }
  | { ok: false; refusal: Refusal }

/** Reads listed items; cheapest in the order of their ordinals. */
export interface ItemReader {
  /** @param capture as listed, for files inside web archives */
  read(ordinal: number, name: string, capture?: Capture): Promise<ItemBytes>
  close(): Promise<void>
}

/** Keeps an archive that was found while listing, before its items are listed. */
export type KeepArchive = (
  facts: ArchiveFacts & { file: string },
  records: AsyncIterable<IndexedRecord[]>,
) => Promise<void>

/** A place that media come from. */
export interface ImportSource {
  list(keep?: KeepArchive): AsyncGenerator<ListedItem>
  /** @param store where videos out of archives are written out; without it they are refused */
  openReader(store?: WorkingPlace): ItemReader
}

/** An item that is refused while listing. Name and detail become text that can be kept, see `keepable`. */
export function refusedItem(name: string, reason: RefusalReason, detail: string): ListedItem {
  return { name: keepable(name), claims: undefined, refusal: { reason, detail: keepable(detail) } }
}

/**
 * What keeps a text from being written and read back as it is; undefined when nothing does. SQLite ends text at a zero
 * byte, and half a surrogate pair has no UTF-8.
 */
export function brokenText(text: string): string | undefined {
  if (text.includes('\0')) return 'a zero byte'
  return text.isWellFormed() ? undefined : 'half a character (a lone surrogate)'
}

/** The text with U+FFFD where it is broken, or was cut inside a character. */
function keepable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

/** Bytes that are not given, with the reason. */
export function refusedBytes(reason: RefusalReason, detail: string): ItemBytes {
  return { ok: false, refusal: { reason, detail } }
}

/** Files and folders that operating systems and their viewers leave behind; they are never anybody's photos. */
const SYSTEM_FILES =
  /^(\.ds_store|thumbs\.db(:encryptable)?|ehthumbs(_vista)?\.db|desktop\.ini|\.picasa\.ini|picasa\.ini|\.directory|\.nomedia|icon\r|zbthumbnail\.info|\.localized|\._.*)$/i
const SYSTEM_FOLDERS =
  /(^|\/)(__macosx|\.appledouble|\.spotlight-v100|\.trashes|\.fseventsd|\.temporaryitems|\$recycle\.bin|system volume information|@eadir|\.@__thumb)\//i

export function isSystemLitter(name: string): boolean {
  const plain = name.replaceAll('\\', '/')
  return SYSTEM_FILES.test(plain.slice(plain.lastIndexOf('/') + 1)) || SYSTEM_FOLDERS.test(plain)
}

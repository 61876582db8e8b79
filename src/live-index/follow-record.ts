import type { EmbeddedGallery } from '../gallery/embedded-gallery.ts'
import type { GalleryRow } from '../gallery/types.ts'
import {
  countEntries,
  entriesAfter,
  entryIdsAfter,
  feedEnd,
  removalsAfter,
  type FeedEntry,
} from '../store/index-feed.ts'
import type { Db } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import { writeProgress } from './index-folder.ts'

/** A gallery and how far it has followed the record. */
export interface Follower {
  label: string
  gallery: EmbeddedGallery
  /** Where its files are; undefined for a copy in memory. */
  folder: string | undefined
  /** The last removal that was applied; undefined when that is not known. */
  removedThrough: number | undefined
}

/** Called while many faces are added. */
export type OnAdded = (done: number, of: number) => void

/** Entries read at once: some 5 ms of the event loop at 512 numbers. */
const ENTRIES_A_STEP = 128
const REMOVALS_A_STEP = 10_000
const IDS_A_STEP = 5000
/** The record may go on between counting here and counting there; then it is counted again. */
const COUNTS = 3

/**
 * Brings a gallery in line with the record: adds the entries that came, then drops those that went. In this order, and
 * because an entry that went is never read again, what was removed before the call is gone after it.
 */
export async function followRecord(
  { db, lookups }: Pick<Store, 'db' | 'lookups'>,
  follower: Follower,
  onAdded?: OnAdded,
): Promise<void> {
  const { gallery, label } = follower
  const end = await feedEnd(lookups, label)
  if (follower.removedThrough === undefined) await dropUnknown(db, follower, end.lastRemoval)
  const { lastId } = gallery.stats()
  if (lastId < end.lastEntry) await addEntries(db, follower, end.lastEntry, onAdded)
  if ((follower.removedThrough ?? 0) < end.lastRemoval) await dropRemoved(db, follower)
}

/** Whether the gallery holds as many rows as the record has entries for it, after following. */
export async function holdsAll(store: Pick<Store, 'db' | 'lookups'>, follower: Follower): Promise<boolean> {
  for (let count = 0; count < COUNTS; count++) {
    const { faces, lastId } = follower.gallery.stats()
    if ((await countEntries(store.db, follower.label, lastId)) === faces) return true
    await followRecord(store, follower)
  }
  return false
}

/** Ids of a label's entries that a set of held ids lacks, and held ids without an entry. */
export async function compareIds(
  db: Db,
  label: string,
  held: Iterable<number>,
  upTo: number,
): Promise<{ missing: number[]; unknown: number[] }> {
  const unknown = new Set(held)
  const missing: number[] = []
  for (let after = 0; after < upTo;) {
    const ids = await entryIdsAfter(db, label, after, IDS_A_STEP)
    if (ids.length === 0) break
    for (const id of ids) if (id <= upTo && !unknown.delete(id)) missing.push(id)
    after = ids[ids.length - 1]
  }
  return { missing, unknown: [...unknown] }
}

/** Adds what came since, the next entries being read while the gallery's threads take in the last ones. */
async function addEntries(
  db: Db,
  { gallery, label }: Follower,
  lastEntry: number,
  onAdded?: OnAdded,
): Promise<void> {
  const of = await countEntries(db, label, lastEntry)
  let { lastId } = gallery.stats()
  let adding: Promise<void> | undefined
  for (;;) {
    const entries = await entriesAfter(db, label, lastId, ENTRIES_A_STEP)
    await adding
    if (entries.length === 0) break
    adding = gallery.add(entries.map(galleryRow))
    // It is waited for in the next round; until then its failure must not count as unhandled.
    adding.catch(() => undefined)
    lastId = entries[entries.length - 1].id
    onAdded?.(gallery.stats().faces, of)
  }
  await gallery.flush()
}

function galleryRow({ id, vector, setNumber, day }: FeedEntry): GalleryRow {
  return { id, template: vector, tag: setNumber, ...(day === undefined ? {} : { day }) }
}

async function dropRemoved(db: Db, follower: Follower): Promise<void> {
  const before = follower.removedThrough
  for (;;) {
    const removals = await removalsAfter(db, follower.removedThrough ?? 0, REMOVALS_A_STEP)
    if (removals.length === 0) break
    await follower.gallery.remove(removals.map(({ entryId }) => entryId))
    follower.removedThrough = removals[removals.length - 1].seq
  }
  if (follower.folder !== undefined && follower.removedThrough !== before) {
    writeProgress(follower.folder, follower.removedThrough ?? 0)
  }
}

/** Where it is not known which removals were applied, every row is compared. */
async function dropUnknown(db: Db, follower: Follower, lastRemoval: number): Promise<void> {
  const { gallery, label, folder } = follower
  const { lastId } = gallery.stats()
  if (lastId > 0) {
    const { unknown } = await compareIds(db, label, idsOf(gallery), lastId)
    await gallery.remove(unknown)
  }
  follower.removedThrough = lastRemoval
  if (folder !== undefined) writeProgress(folder, lastRemoval)
}

function* idsOf(gallery: EmbeddedGallery): Generator<number> {
  for (const piece of gallery.ids()) yield* piece
}

import { api, ApiProblem, type Reply } from '../api.ts'
import type { Sendable } from './archive-files.ts'
import { untilAnswered } from './until-answered.ts'
import type { SentFile } from './use-import.ts'

/** Bytes of one request: small enough for slow lines, where each request has its time. */
const PART_BYTES = 8 * 1024 * 1024
const ITEMS_A_PAGE = 1000

/** How far an archive is: being sent, checked, or opened with what came of the checks. */
export type ArchiveNote =
  | { step: 'sending'; name: string; percent: number }
  | { step: 'opening'; name: string }
  | { step: 'opened'; name: string; opened: Reply<'openArchive'> }

/**
 * Sends a web archive in pieces, lets the service check and keep it, and has its pictures taken in.
 * @returns what came of each of its files; of the archive itself when it cannot be read
 */
export async function sendArchive(
  importId: string,
  { name, archive }: Sendable,
  tell: (note: ArchiveNote) => void,
): Promise<SentFile[]> {
  if (archive === undefined) return []
  const params = { id: importId }
  const before = await lastOrdinal(importId)
  try {
    for (let at = 0; at < archive.size;) {
      tell({ step: 'sending', name, percent: Math.floor((100 * at) / archive.size) })
      const body = new Uint8Array(await archive.slice(at, at + PART_BYTES).arrayBuffer())
      const { received } = await untilAnswered(() =>
        api.call('sendArchivePart', { params, query: { at }, body }),
      )
      at = received
    }
    tell({ step: 'opening', name })
    const opened = await api.call('openArchive', {
      params,
      body: { name: name.slice(-200), bytes: archive.size },
    })
    tell({ step: 'opened', name, opened })
    for (let waiting = opened.files; waiting > 0;) {
      const { counts } = await untilAnswered(() => api.call('workOnArchive', { params, body: {} }))
      waiting = counts.waiting
    }
  } catch (failure) {
    if (!(failure instanceof ApiProblem) || failure.status === 401 || failure.status === 403) throw failure
    return [{ name, state: 'unreadable', detail: failure.message }]
  }
  return itemsAfter(importId, before)
}

async function lastOrdinal(importId: string): Promise<number> {
  let last = -1
  for (;;) {
    const items = await api.call('listImportItems', {
      params: { id: importId },
      query: { after: last, limit: ITEMS_A_PAGE },
    })
    last = items.at(-1)?.ordinal ?? last
    if (items.length < ITEMS_A_PAGE) return last
  }
}

async function itemsAfter(importId: string, ordinal: number): Promise<SentFile[]> {
  const found: SentFile[] = []
  let after = ordinal
  for (;;) {
    const items = await api.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    for (const { name, state, detail, reason } of items)
      if (state !== 'waiting') found.push({ name, state, detail, isDiffering: reason === 'digest_differs' })
    if (items.length < ITEMS_A_PAGE) return found
    after = items[items.length - 1]?.ordinal ?? after
  }
}

import { useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ApiProblem, type Reply } from '../api.ts'
import { BrokenArchive, sendables, type Sendable } from './archive-files.ts'
import type { NamedFile } from './dropped-files.ts'
import { sendArchive, type ArchiveNote } from './send-archive.ts'
import { goesInParts, sendVideo } from './send-video.ts'
import { untilAnswered } from './until-answered.ts'

/** Files on their way at once: one more than a small machine works on, so that it need not wait for the line. */
const AT_ONCE = 3
/** Answers of these mean that sending anything else is of no use. */
const FINAL = new Set([401, 403, 404, 409])
const ITEMS_A_PAGE = 1000
/** Of the names that the service keeps. */
const LONGEST_NAME = 200

/** What came of one file; `failed` without an answer when the connection was lost or the service was busy. */
export interface SentFile {
  name: string
  state: Reply<'importFile'>['state']
  detail: string | null
  /** Taken in, though its bytes are not what its archive or tool says. */
  isDiffering?: boolean
}

interface Facts {
  sourceUrl: string
  collector: string
  note: string
}

/** Sends files into a collection, a few at once, again those that failed, and what is missing of an import that was left. */
export function useImport(collectionId: string) {
  const { t } = useTranslation()
  const queryClient = useQueryClient()
  const files = useRef<readonly Sendable[]>([])
  const [sent, setSent] = useState<readonly SentFile[]>([])
  const [total, setTotal] = useState(0)
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [note, setNote] = useState<ArchiveNote>()
  const [sending, setSending] = useState<{ name: string; share: number } | null>(null)

  /** @param begun the import to go on with; undefined: a new one */
  const run = async (chosen: readonly Sendable[], facts: Facts, begun: string | undefined): Promise<void> => {
    files.current = chosen
    setSent([])
    setTotal(chosen.length)
    setRunning(true)
    setError(null)
    try {
      const id = begun ?? (await begin(collectionId, chosen.length))
      const known = begun === undefined ? new Map<string, SentFile>() : await takenIn(begun)
      const waiting = chosen.filter(({ name }) => !known.has(keptName(name)))
      setSent(chosen.flatMap(({ name }) => known.get(keptName(name)) ?? []))
      const lane = async (): Promise<void> => {
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          const { name } = one
          const results =
            one.archive === undefined
              ? [await sendFile(id, one, facts, t, (share) => setSending({ name, share }))]
              : await sendArchive(id, one, setNote)
          if (goesInParts(one.file)) setSending(null)
          if (results.length > 1) setTotal((before) => before + results.length - 1)
          setSent((before) => [...before, ...results])
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, lane))
      await api.call('finishImport', { params: { id }, body: {} })
    } catch (failure) {
      setError(failure)
    } finally {
      setRunning(false)
      for (const read of ['listImports', 'listRunningImports', 'browseCollection', 'listCollections']) {
        void queryClient.invalidateQueries({ queryKey: [read] })
      }
    }
  }
  const retry = async (facts: Facts): Promise<void> => {
    const failed = new Set(sent.filter(({ state }) => state === 'failed').map(({ name }) => name))
    await run(
      files.current.filter(({ name }) => failed.has(name)),
      facts,
      undefined,
    )
  }
  const send = async (chosen: readonly NamedFile[], facts: Facts, begun?: string): Promise<void> => {
    try {
      await run(await sendables(chosen), facts, begun)
    } catch (failure) {
      if (!(failure instanceof BrokenArchive)) throw failure
      const detail = t('imp.brokenArchive', { reason: failure.message })
      setSent([{ name: failure.archive, state: 'unreadable', detail }])
      setTotal(1)
    }
  }
  return { send, retry, sent, total, isRunning, error, note, sending }
}

async function begin(collectionId: string, files: number): Promise<string> {
  return (await api.call('startImport', { params: { id: collectionId }, body: { files } })).id
}

/** Files of an import that need not be sent again, by name. */
async function takenIn(importId: string): Promise<Map<string, SentFile>> {
  const known = new Map<string, SentFile>()
  let after = -1
  for (;;) {
    const items = await api.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    for (const { name, state, detail } of items) {
      if (state !== 'failed' && state !== 'waiting') known.set(name, { name, state, detail })
    }
    if (items.length < ITEMS_A_PAGE) return known
    after = items[items.length - 1].ordinal
  }
}

function keptName(name: string): string {
  return name.slice(-LONGEST_NAME)
}

async function sendFile(
  importId: string,
  { name, file, read }: Sendable,
  facts: Facts,
  t: TFunction,
  onSent: (share: number) => void,
): Promise<SentFile> {
  const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value.trim() !== ''))
  if (goesInParts(file)) return sendInParts(importId, name, file, given, onSent)
  let body: Uint8Array
  try {
    body = await read()
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure)
    return { name, state: 'unreadable', detail: t('imp.brokenEntry', { reason }) }
  }
  try {
    const query = { name: keptName(name), ...given }
    const { state, detail } = await untilAnswered(() =>
      api.call('importFile', { params: { id: importId }, query, body }),
    )
    return { name, state, detail }
  } catch (failure) {
    // Who may not import any more must not be told so once a file.
    if (failure instanceof ApiProblem && FINAL.has(failure.status)) throw failure
    return { name, state: 'failed', detail: failure instanceof Error ? failure.message : String(failure) }
  }
}

async function sendInParts(
  importId: string,
  name: string,
  file: File,
  facts: Record<string, string>,
  onSent: (share: number) => void,
): Promise<SentFile> {
  try {
    const { state } = await sendVideo(importId, { name: keptName(name), file, facts }, untilAnswered, onSent)
    return { name, state, detail: null }
  } catch (failure) {
    if (failure instanceof ApiProblem && FINAL.has(failure.status)) throw failure
    return { name, state: 'failed', detail: failure instanceof Error ? failure.message : String(failure) }
  }
}

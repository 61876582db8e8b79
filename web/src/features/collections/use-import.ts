import { useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { itemsOf, takenIn, untilRead } from '../../../../src/contract/client/follow-import.ts'
import { keptName } from '../../../../src/contract/client/kept-name.ts'
import { sendInParts } from '../../../../src/contract/client/send-in-parts.ts'
import { untilAnswered } from '../../../../src/contract/client/until-answered.ts'
import { api, ApiProblem, type Reply } from '../../api.ts'
import { BrokenArchive, refusalOf, sendables, type Sendable } from './archive-files.ts'
import type { NamedFile } from './named-file.ts'

/** Files on their way at once: one more than a small machine works on, so that it need not wait for the line. */
const AT_ONCE = 3
/** Answers of these mean that sending anything else is of no use. */
const FINAL = new Set([401, 403, 404, 409])
/** Of what the service takes of files that were not sent. */
const LONGEST_DETAIL = 1000
const MOST_UNSENT = 1000

/** What came of one file; `failed` without an answer when the connection was lost or the service was busy. */
export interface SentFile {
  name: string
  state: Reply<'importFile'>['state']
  detail: string | null
  /** Why, as a word; `digest_differs`: taken in, though its bytes are not what its archive or tool says. */
  reason: string | null
  /** How it was read, when not whole. */
  remarks: Reply<'importFile'>['remarks']
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
  // Of the import that this page tells of; ended when another one begins, or the page is left.
  const following = useRef<AbortController>(undefined)
  const [sent, setSent] = useState<readonly SentFile[]>([])
  const [total, setTotal] = useState(0)
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [sending, setSending] = useState<{ name: string; share: number } | null>(null)
  const [reading, setReading] = useState<Reply<'listImports'>[number] | null>(null)
  const [archives, setArchives] = useState<Reply<'listImportArchives'>>([])
  useEffect(() => () => following.current?.abort(), [])
  const refresh = (): void => {
    for (const read of ['listImports', 'listRunningImports', 'browseCollection', 'listCollections']) {
      void queryClient.invalidateQueries({ queryKey: [read] })
    }
  }

  /** What is sent in parts is read by the service: waits for it, then tells what came of everything. */
  const tellAll = async (id: string, signal: AbortSignal): Promise<void> => {
    try {
      await untilRead(api, { collectionId, importId: id }, setReading, signal)
      const all = await itemsOf(api, id)
      const read = await api.call('listImportArchives', { params: { id } })
      // What another import shows by now is not overwritten.
      if (signal.aborted) return
      setArchives(read)
      setSent(all)
      setTotal(all.length)
    } catch (failure) {
      if (!signal.aborted) setError(failure)
    } finally {
      setReading(null)
      refresh()
    }
  }

  /** @param begun the import to go on with; undefined: a new one */
  const run = async (chosen: readonly Sendable[], facts: Facts, begun: string | undefined): Promise<void> => {
    files.current = chosen
    following.current?.abort()
    const { signal } = (following.current = new AbortController())
    setSent([])
    setArchives([])
    setTotal(chosen.length)
    setRunning(true)
    setError(null)
    const refused: SentFile[] = []
    try {
      const id = begun ?? (await begin(collectionId, chosen.length))
      const known = begun === undefined ? new Map<string, SentFile>() : await takenIn(api, begun)
      const waiting = chosen.filter(({ name }) => !known.has(keptName(name)))
      setSent(chosen.flatMap(({ name }) => known.get(keptName(name)) ?? []))
      const sender = async (): Promise<void> => {
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          const { name } = one
          const { isHere, ...result } = await sendFile(id, one, facts, t, (share) =>
            setSending({ name, share }),
          )
          if (one.whole !== undefined) setSending(null)
          if (isHere) refused.push(result)
          setSent((before) => [...before, result])
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, sender))
      await api.call('finishImport', {
        params: { id },
        body: { unsent: refused.slice(0, MOST_UNSENT).map(unsent) },
      })
      if (chosen.some(({ whole }) => whole !== undefined)) void tellAll(id, signal)
    } catch (failure) {
      setError(failure)
    } finally {
      setRunning(false)
      refresh()
    }
  }
  const retry = async (facts: Facts): Promise<void> => {
    const failed = new Set(sent.filter(({ state }) => state === 'failed').map(({ name }) => name))
    await run(
      files.current.filter(({ name }) => failed.has(name) || failed.has(keptName(name))),
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
      const reason = refusalOf(failure.message)
      setSent([{ name: failure.archive, state: 'unreadable', detail, reason, remarks: [] }])
      setTotal(1)
    }
  }
  return { send, retry, sent, total, isRunning, error, sending, reading, archives }
}

async function begin(collectionId: string, files: number): Promise<string> {
  return (await api.call('startImport', { params: { id: collectionId }, body: { files } })).id
}

/** A file that the service knows nothing of, as it is told in the end. */
function unsent({ name, state, detail }: SentFile) {
  const said = state === 'unreadable' ? ('unreadable' as const) : ('failed' as const)
  return { name: keptName(name), state: said, detail: (detail ?? '').slice(0, LONGEST_DETAIL) }
}

/** @returns what came of it; `isHere`: the service knows nothing of it */
async function sendFile(
  importId: string,
  { name, whole, read }: Sendable,
  facts: Facts,
  t: TFunction,
  onSent: (share: number) => void,
): Promise<SentFile & { isHere: boolean }> {
  const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value.trim() !== ''))
  try {
    if (whole !== undefined) {
      const read = async (at: number, most: number): Promise<Uint8Array> =>
        new Uint8Array(await whole.slice(at, at + most).arrayBuffer())
      const large = { name: keptName(name), byteLength: whole.size, claims: given, read }
      await sendInParts(api, importId, large, onSent)
      return { name, state: 'waiting', detail: null, reason: null, remarks: [], isHere: false }
    }
    const body = await read().catch((failure: unknown) => {
      throw new BrokenEntry(failure)
    })
    const query = { name: keptName(name), ...given }
    const { state, detail, reason, remarks } = await untilAnswered(() =>
      api.call('importFile', { params: { id: importId }, query, body }),
    )
    return { name, state, detail, reason, remarks, isHere: false }
  } catch (failure) {
    // Who may not import any more must not be told so once a file.
    if (failure instanceof ApiProblem && FINAL.has(failure.status)) throw failure
    const message = failure instanceof Error ? failure.message : String(failure)
    return failure instanceof BrokenEntry
      ? {
          name,
          state: 'unreadable',
          detail: t('imp.brokenEntry', { reason: message }),
          reason: refusalOf(message),
          remarks: [],
          isHere: true,
        }
      : { name, state: 'failed', detail: message, reason: null, remarks: [], isHere: true }
  }
}

/** A file that could not be taken out of its archive on this device. */
class BrokenEntry extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

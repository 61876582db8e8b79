import { useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ApiProblem, type Reply } from '../api.ts'
import { BrokenArchive, sendables, type Sendable } from './archive-files.ts'
import type { NamedFile } from './dropped-files.ts'

/** What came of one file; `failed` without an answer when the connection was lost or the service was busy. */
export interface SentFile {
  name: string
  state: Reply<'importFile'>['state']
  detail: string | null
}

interface Facts {
  sourceUrl: string
  collector: string
  note: string
}

/** Sends files into a collection one after another, and again those that failed. */
export function useImport(collectionId: string) {
  const { t } = useTranslation()
  const queryClient = useQueryClient()
  const files = useRef<readonly Sendable[]>([])
  const [sent, setSent] = useState<readonly SentFile[]>([])
  const [total, setTotal] = useState(0)
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<unknown>(null)

  const run = async (chosen: readonly Sendable[], facts: Facts): Promise<void> => {
    files.current = chosen
    setSent([])
    setTotal(chosen.length)
    setRunning(true)
    setError(null)
    try {
      const { id } = await api.call('startImport', { params: { id: collectionId }, body: {} })
      for (const one of chosen) {
        const result = await sendFile(id, one, facts, t)
        setSent((before) => [...before, result])
      }
      await api.call('finishImport', { params: { id }, body: {} })
    } catch (failure) {
      setError(failure)
    } finally {
      setRunning(false)
      for (const read of ['listImports', 'browseCollection', 'listCollections']) {
        void queryClient.invalidateQueries({ queryKey: [read] })
      }
    }
  }
  const retry = async (facts: Facts): Promise<void> => {
    const failed = new Set(sent.filter(({ state }) => state === 'failed').map(({ name }) => name))
    await run(
      files.current.filter(({ name }) => failed.has(name)),
      facts,
    )
  }
  const send = async (chosen: readonly NamedFile[], facts: Facts): Promise<void> => {
    try {
      await run(await sendables(chosen), facts)
    } catch (failure) {
      if (!(failure instanceof BrokenArchive)) throw failure
      const detail = t('imp.brokenArchive', { reason: failure.message })
      setSent([{ name: failure.archive, state: 'unreadable', detail }])
      setTotal(1)
    }
  }
  return { send, retry, sent, total, isRunning, error }
}

async function sendFile(
  importId: string,
  { name, read }: Sendable,
  facts: Facts,
  t: TFunction,
): Promise<SentFile> {
  const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value.trim() !== ''))
  let body: Uint8Array
  try {
    body = await read()
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure)
    return { name, state: 'unreadable', detail: t('imp.brokenEntry', { reason }) }
  }
  try {
    const query = { name: name.slice(-200), ...given }
    const { state, detail } = await api.call('importFile', { params: { id: importId }, query, body })
    return { name, state, detail }
  } catch (failure) {
    // Who may not import any more must not be told so once a file.
    if (failure instanceof ApiProblem && [401, 403, 404, 409].includes(failure.status)) throw failure
    return { name, state: 'failed', detail: failure instanceof Error ? failure.message : String(failure) }
  }
}

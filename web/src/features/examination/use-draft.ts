import { outlivesPage } from '../../../../src/contract/client/api-client.ts'
import { useCallback, useEffect, useRef, useState } from 'react'

/** A change is kept this long after the last one. */
const KEEP_AFTER_MS = 700

export interface Draft<Value> {
  value: Value
  /** Shown at once, kept a moment later. */
  change: (value: Value) => void
  /** Keeps what was changed now; rejects when the service could not. */
  flush: () => Promise<void>
  state: 'kept' | 'changed' | 'failed'
  error: unknown
}

/**
 * What was changed and is not kept yet, by draft: whoever leaves a page and comes back at once sees it, though the service
 * has not answered yet.
 */
const unkept = new Map<string, unknown>()

/**
 * Something that is written over hours and must not be lost: kept by the service a moment after each change, one request
 * after the other, and at once when the page is hidden or left. What is too large to be sent after that keeps the page until
 * the browser has asked.
 * @param key names the draft among all
 * @param keep sends it with `keepalive`; undefined when it is not complete enough to be sent yet
 */
export function useDraft<Value>(
  key: string,
  initial: Value,
  keep: (value: Value) => Promise<unknown> | undefined,
): Draft<Value> {
  const [isUnkept] = useState(() => unkept.has(key))
  const [value, setValue] = useState(() => (isUnkept ? (unkept.get(key) as Value) : initial))
  const [state, setState] = useState<Draft<Value>['state']>(isUnkept ? 'changed' : 'kept')
  const [error, setError] = useState<unknown>(null)
  const latest = useRef({ value, isChanged: isUnkept, underWay: 0, keep })
  const last = useRef(Promise.resolve())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    latest.current.keep = keep
  })
  const send = useCallback(
    (isLeaving: boolean): Promise<void> => {
      clearTimeout(timer.current)
      // Nothing that waits is begun any more after a page is gone.
      const before = isLeaving ? Promise.resolve() : last.current
      const keepNow = async (): Promise<void> => {
        if (!isLeaving) await before.catch(() => undefined)
        const now = latest.current
        const sent = now.value
        const kept = now.isChanged ? now.keep(sent) : undefined
        if (kept === undefined) return
        now.isChanged = false
        now.underWay += 1
        try {
          await kept
          if (unkept.get(key) === sent) unkept.delete(key)
          setError(null)
          setState(latest.current.isChanged ? 'changed' : 'kept')
        } catch (thrown) {
          now.isChanged = true
          setError(thrown)
          setState('failed')
          throw thrown
        } finally {
          now.underWay -= 1
        }
      }
      last.current = keepNow()
      return last.current
    },
    [key],
  )
  const flush = useCallback(() => send(false), [send])
  useEffect(() => {
    const leave = (): void => void send(true).catch(() => undefined)
    const hide = (): void => {
      if (document.visibilityState === 'hidden') leave()
    }
    const ask = (event: BeforeUnloadEvent): void => {
      const { isChanged, underWay, value: unkept } = latest.current
      if ((isChanged || underWay > 0) && !outlivesPage(JSON.stringify(unkept))) event.preventDefault()
      leave()
    }
    addEventListener('pagehide', leave)
    addEventListener('beforeunload', ask)
    document.addEventListener('visibilitychange', hide)
    return () => {
      removeEventListener('pagehide', leave)
      removeEventListener('beforeunload', ask)
      document.removeEventListener('visibilitychange', hide)
      leave()
    }
  }, [send])
  return {
    value,
    state,
    error,
    flush,
    change: (changed) => {
      latest.current.value = changed
      latest.current.isChanged = true
      unkept.set(key, changed)
      setValue(changed)
      setState('changed')
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush().catch(() => undefined), KEEP_AFTER_MS)
    },
  }
}

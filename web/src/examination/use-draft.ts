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
 * Something that is written over hours and must not be lost: kept by the service a moment after each change, one request
 * after the other, and when the page is left.
 * @param keep sends it; undefined when it is not complete enough to be sent yet
 */
export function useDraft<Value>(
  initial: Value,
  keep: (value: Value) => Promise<unknown> | undefined,
): Draft<Value> {
  const [value, setValue] = useState(initial)
  const [state, setState] = useState<Draft<Value>['state']>('kept')
  const [error, setError] = useState<unknown>(null)
  const latest = useRef({ value: initial, isChanged: false, keep })
  const last = useRef(Promise.resolve())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    latest.current.keep = keep
  })
  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    const before = last.current
    const keepNow = async (): Promise<void> => {
      await before.catch(() => undefined)
      const now = latest.current
      const kept = now.isChanged ? now.keep(now.value) : undefined
      if (kept === undefined) return
      now.isChanged = false
      try {
        await kept
        setError(null)
        setState(latest.current.isChanged ? 'changed' : 'kept')
      } catch (thrown) {
        now.isChanged = true
        setError(thrown)
        setState('failed')
        throw thrown
      }
    }
    last.current = keepNow()
    return last.current
  }, [])
  useEffect(() => {
    const leave = (): void => void flush().catch(() => undefined)
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      leave()
    }
  }, [flush])
  return {
    value,
    state,
    error,
    flush,
    change: (changed) => {
      latest.current.value = changed
      latest.current.isChanged = true
      setValue(changed)
      setState('changed')
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush().catch(() => undefined), KEEP_AFTER_MS)
    },
  }
}

import { useEffect } from 'react'

/** Names the browser's tab, which screen readers say when the page changes. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Likeness`
  }, [title])
}

import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useMay } from '../../session.ts'
import { isTyping } from '../../ui/is-typing.ts'
import { PLACES } from './navigation.ts'
import { showShortcuts } from './shortcut-sheet.tsx'

/** How long after `g` the second key may come. */
const SECOND_KEY_MS = 1500

/** `g` and a letter go somewhere; `?` shows all shortcuts. */
export function useGoKeys(): void {
  const navigate = useNavigate()
  const may = useMay()
  useEffect(() => {
    let pressedAt = -Infinity
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === '?') return showShortcuts()
      if (event.timeStamp - pressedAt < SECOND_KEY_MS) {
        const place = PLACES.find(({ key }) => key === event.key)
        if (place !== undefined && (place.for.length === 0 || place.for.some(may))) {
          event.preventDefault()
          void navigate({ to: place.to })
        }
      }
      pressedAt = event.key === 'g' ? event.timeStamp : -Infinity
    }
    // On the window: a page's own keys, on the document, come first.
    globalThis.addEventListener('keydown', press)
    return () => globalThis.removeEventListener('keydown', press)
  })
}

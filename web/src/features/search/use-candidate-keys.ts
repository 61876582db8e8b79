import { useNavigate } from '@tanstack/react-router'
import type { KeyboardEvent } from 'react'
import type { Marks } from './use-marks.ts'

/** Candidates are elements with their rank in `data-rank`. */
const CANDIDATE = '[data-rank]'

/** Keys on a list of candidates: arrows move, Enter compares, m, x and r mark, reject and reveal. */
export function useCandidateKeys(
  searchId: string,
  marks: Marks,
  reveal: (rank: number) => void,
): (event: KeyboardEvent<HTMLElement>) => void {
  const navigate = useNavigate()
  return (event) => {
    const here = (event.target as HTMLElement).closest<HTMLElement>(CANDIDATE)
    if (here === null || event.ctrlKey || event.metaKey || event.altKey) return
    const rank = Number(here.dataset.rank)
    if (event.key === 'm') marks.toggle(rank, 'later')
    else if (event.key === 'x') marks.toggle(rank, 'rejected')
    else if (event.key === 'r') reveal(rank)
    else if (event.key === 'Enter' && event.target === here) {
      void navigate({ to: '/searches/$searchId/compare/$rank', params: { searchId, rank: String(rank) } })
    } else if (!moveFocus(event.currentTarget, here, event.key)) return
    event.preventDefault()
  }
}

/** To the neighbour in the direction of the arrow, as the eye sees it. */
function moveFocus(list: HTMLElement, here: HTMLElement, key: string): boolean {
  const all = [...list.querySelectorAll<HTMLElement>(CANDIDATE)]
  const at = all.indexOf(here)
  let next: HTMLElement | undefined
  if (key === 'ArrowRight') next = all[at + 1]
  else if (key === 'ArrowLeft') next = all[at - 1]
  else if (key === 'Home') [next] = all
  else if (key === 'End') next = all.at(-1)
  else if (key === 'ArrowDown' || key === 'ArrowUp') {
    const { left, top } = here.getBoundingClientRect()
    const rows = key === 'ArrowDown' ? all.slice(at + 1) : all.slice(0, at).toReversed()
    next = rows.find((one) => {
      const place = one.getBoundingClientRect()
      return Math.abs(place.left - left) < 4 && place.top !== top
    })
  } else return false
  next?.focus()
  return true
}

import { useLocalStorage } from '@mantine/hooks'

/** What an examiner thinks of a candidate so far; a note to oneself and no conclusion. */
export type Mark = 'later' | 'rejected'

export interface Marks {
  of: (rank: number) => Mark | undefined
  /** Sets the mark, or takes it away when it stands already. */
  toggle: (rank: number, mark: Mark) => void
}

/** Marks on the candidates of one search, kept in this browser by rank: no face and no name. */
export function useMarks(searchId: string): Marks {
  const [marks, setMarks] = useLocalStorage<Record<string, Mark>>({
    key: `likeness.marks.${searchId}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  })
  return {
    of: (rank) => marks[rank],
    toggle: (rank, mark) => {
      const { [rank]: before, ...others } = marks
      setMarks(before === mark ? others : { ...others, [rank]: mark })
    },
  }
}

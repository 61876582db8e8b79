import { useQuery } from '@tanstack/react-query'
import { apiQuery, useApi, type Reply } from '../api.ts'
import type { NoteShape } from '../../../src/contract/mark-endpoints.ts'

export type Note = Reply<'listNotes'>[number]

export interface Notes {
  all: readonly Note[]
  /** @param probeFaceId undefined: on the candidate */
  add: (note: { probeFaceId: string | undefined; shape: NoteShape; words: string }) => Promise<boolean>
  remove: (id: string) => void
  error: Error | null
}

/** Notes drawn on the pictures of one comparison; everybody who works on the case sees them. */
export function useNotes(searchId: string, rank: number): Notes {
  const params = { id: searchId, rank: String(rank) }
  const notes = useQuery(apiQuery('listNotes', { params }))
  const add = useApi('addNote', ['listNotes'])
  const remove = useApi('removeNote', ['listNotes'])
  return {
    all: notes.data ?? [],
    add: async ({ probeFaceId, shape, words }) => {
      const body = { shape, words, ...(probeFaceId === undefined ? {} : { probeFaceId }) }
      return add.mutateAsync({ params, body }).then(
        () => true,
        () => false,
      )
    },
    remove: (noteId) => remove.mutate({ params: { ...params, noteId } }),
    error: add.error ?? remove.error ?? notes.error,
  }
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, apiQuery, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'

/** What somebody thinks of a candidate so far; orders the work and is no conclusion. */
export type KeptMark = Reply<'listMarks'>[number]
export type Mark = KeptMark['mark']

export interface Marks {
  of: (rank: number) => KeptMark | undefined
  /** Sets the mark, or takes it away when it stands already. */
  toggle: (rank: number, mark: Mark) => void
  /** Why the last one could not be kept. */
  error: Error | null
}

/** Marks on the candidates of one search, as everybody who works on the case sees them. Shown at once, then kept by the service. */
export function useMarks(searchId: string): Marks {
  const may = useMay()
  const queryClient = useQueryClient()
  const params = { id: searchId }
  const { queryKey } = apiQuery('listMarks', { params })
  const marks = useQuery(apiQuery('listMarks', { params }))
  const keep = useMutation({
    mutationFn: ({ rank, mark }: { rank: number; mark: Mark | null }) =>
      api.call('markCandidate', { params: { id: searchId, rank: String(rank) }, body: { mark } }),
    onMutate: async ({ rank, mark }) => {
      await queryClient.cancelQueries({ queryKey })
      const before = queryClient.getQueryData(queryKey)
      const others = (before ?? []).filter((one) => one.rank !== rank)
      const now = new Date().toISOString()
      const mine = mark === null ? [] : [{ rank, mark, accountId: '', markedBy: '', markedAt: now }]
      queryClient.setQueryData(queryKey, [...others, ...mine])
      return { before }
    },
    onError: (_error, _input, context) => queryClient.setQueryData(queryKey, context?.before),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey }),
        queryClient.invalidateQueries({ queryKey: ['listWaitingSearches'] }),
      ]),
  })
  const of = (rank: number): KeptMark | undefined => marks.data?.find((one) => one.rank === rank)
  return {
    of,
    toggle: (rank, mark) => {
      if (may('search.mark')) keep.mutate({ rank, mark: of(rank)?.mark === mark ? null : mark })
    },
    error: keep.error,
  }
}

import { QueryCache, MutationCache, QueryClient, useQuery } from '@tanstack/react-query'
import type { Permission } from '../../src/contract/roles.ts'
import { ApiProblem, apiQuery, type Reply } from './api.ts'

export type Me = Reply<'showMe'>

/** Why the session is over. */
export type SessionEnd = 'signed_out' | 'cut_off' | 'second_factor_missing' | 'device_not_approved'

const ENDS: ReadonlySet<string> = new Set<SessionEnd>([
  'signed_out',
  'cut_off',
  'second_factor_missing',
  'device_not_approved',
])

/** Reads are shown again from memory for this long before they are read anew. */
const FRESH_MS = 10_000

const endings = new Set<(end: SessionEnd) => void>()

/** Calls back when the service says that the session is over. @returns what ends the listening */
export function onSessionEnd(listener: (end: SessionEnd) => void): () => void {
  endings.add(listener)
  return () => void endings.delete(listener)
}

/** Forgets everything that was read, and tells whoever listens. */
export function endSession(end: SessionEnd): void {
  queryClient.clear()
  for (const listener of endings) listener(end)
}

function noticeEnd(error: Error): void {
  if (!(error instanceof ApiProblem)) return
  if (ENDS.has(error.code)) endSession(error.code as SessionEnd)
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // The guard of the pages asks who is signed in, and says itself what follows.
    onError: (error, query) => {
      if (query.queryKey[0] !== 'showMe') noticeEnd(error)
    },
  }),
  mutationCache: new MutationCache({
    onError: (error, _input, _context, mutation) => {
      if (mutation.meta?.signsIn !== true) noticeEnd(error)
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // What the service refuses, it refuses again; only a lost connection is worth another try.
      retry: (failures, error) => !(error instanceof ApiProblem) && failures < 2,
    },
    mutations: { retry: false },
  },
})

export const meQuery = apiQuery('showMe', {})

/** Who is signed in; only on pages behind the guard. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (data === undefined) throw new Error('Nobody is signed in.')
  return data
}

/** Whether who is signed in may do this; for showing or hiding, since the service decides. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe()
  return (permission) => permissions.includes(permission)
}

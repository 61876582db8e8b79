import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ApiClient, type CallInput, type CallReply } from '../../src/contract/client/api-client.ts'
import type { EndpointName } from '../../src/contract/endpoints.ts'

export { ApiProblem } from '../../src/contract/client/api-client.ts'

/** The service that this page came from; the session is a cookie that scripts cannot read. */
export const api = new ApiClient({ server: '' })

/** What an operation replies, by the contract. */
export type Reply<Name extends EndpointName> = CallReply<Name>

/** A read: kept under the operation's name and its input. */
export function apiQuery<Name extends EndpointName>(name: Name, input: CallInput<Name>) {
  return queryOptions({
    queryKey: [name, input] as const,
    queryFn: ({ signal }) => api.call(name, { ...input, signal }),
  })
}

/** A change; afterwards the reads it makes stale are read again. */
export function useApi<Name extends EndpointName>(
  name: Name,
  stale: readonly EndpointName[] = [],
): UseMutationResult<CallReply<Name>, Error, CallInput<Name>> {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (input: CallInput<Name>) => api.call(name, input),
    onSuccess: async () => {
      await Promise.all(stale.map((read) => queryClient.invalidateQueries({ queryKey: [read] })))
    },
  })
}

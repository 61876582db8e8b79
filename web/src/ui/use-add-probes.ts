import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { api, type Reply } from '../api.ts'

type Probe = Reply<'showProbe'>

/** Takes photos into a case, one after another. The reply has the probes in their order. */
export function useAddProbes(caseId: string): UseMutationResult<Probe[], Error, File[]> {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (files: File[]) => {
      const probes: Probe[] = []
      for (const file of files) {
        const body = new Uint8Array(await file.arrayBuffer())
        const label = file.name.slice(0, 200) || undefined
        probes.push(
          await api.call('addProbe', {
            params: { id: caseId },
            query: { label },
            body,
            idempotencyKey: crypto.randomUUID(),
          }),
        )
      }
      return probes
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['listProbes'] }),
  })
}

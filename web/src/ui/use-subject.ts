import { useQuery } from '@tanstack/react-query'
import { apiQuery, type Reply } from '../api.ts'
import type { Search } from './candidate-facts.ts'

type Probe = Reply<'showProbe'>

export interface SubjectFace {
  probe: Probe
  face: Probe['faces'][number]
}

const MOST_PROBES = 200

/** The probe faces that a search was made with. */
export function useSubject(search: Search): SubjectFace[] {
  const probes = useQuery(
    apiQuery('listProbes', { params: { id: search.caseId }, query: { limit: MOST_PROBES } }),
  )
  return (probes.data?.items ?? []).flatMap((probe) =>
    probe.faces.filter(({ id }) => search.faces.includes(id)).map((face) => ({ probe, face })),
  )
}

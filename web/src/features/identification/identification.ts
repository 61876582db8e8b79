import type { EndpointName } from '../../../../src/contract/endpoints.ts'
import type { Reply } from '../../api.ts'

export type Identification = Reply<'showIdentification'>

/** Reads that a change to an identification makes stale. */
export const STALE: readonly EndpointName[] = [
  'showIdentification',
  'listIdentifications',
  'listLeads',
  'listVerifications',
]

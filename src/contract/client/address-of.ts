import type { z } from 'zod'
import type { Endpoint } from '../endpoint.ts'
import { API_PREFIX, endpoints, type EndpointName } from '../endpoints.ts'

type Endpoints = typeof endpoints

/** A part of what an operation takes, by the contract. */
export type Given<E, Part extends string> =
  E extends Record<Part, infer Schema extends z.ZodType>
    ? { [Name in Part]: z.input<Schema> }
    : { [Name in Part]?: undefined }

/** What stands in the address of an operation, by the contract. */
export type AddressInput<Name extends EndpointName> = Given<Endpoints[Name], 'params'> &
  (Endpoints[Name] extends { query: z.ZodType }
    ? { query?: z.input<Endpoints[Name]['query']> }
    : { query?: undefined })

/**
 * Address of an operation on its service, from the root: `/api/v1/cases/ID/probes?limit=5`. Parts are encoded; what is
 * undefined is left out of the query, and of a list each member stands for itself.
 */
export function addressOf<Name extends EndpointName>(name: Name, input: AddressInput<Name>): string {
  const endpoint: Endpoint = endpoints[name]
  const { params, query } = input as { params?: Record<string, unknown>; query?: Record<string, unknown> }
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, part: string) =>
    encodeURIComponent(String(params![part])),
  )
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one))
    }
  }
  return `${API_PREFIX}${path}${search.size === 0 ? '' : `?${search.toString()}`}`
}

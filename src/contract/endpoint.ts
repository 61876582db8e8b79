import type { z } from 'zod'
import type { Permission } from './roles.ts'

/**
 * Who may call an endpoint. `public`: anybody. `password`: an account, even before its second factor. `signed_in`: any
 * account, fully signed in. Otherwise the permission that is needed; see roles.ts.
 */
export type EndpointAccess = 'public' | 'password' | 'signed_in' | Permission

/** One operation of the API: what server, client, documentation and tests are made from. Paths stand below `/api/v1`. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With parameters as `:name`. */
  path: string
  access: EndpointAccess
  /** API keys that are bound to one case may call it: all that it touches is of a case. Others are refused to them. */
  boundKeys?: true
  /**
   * It compares faces, or shows faces that may be those of a line-up: refused to an account that holds one, with
   * `lineup_held`. See [Note: blind verification].
   */
  shutToVerifiers?: true
  /** One sentence. */
  summary: string
  tag: string
  params?: z.ZodObject
  query?: z.ZodObject
  /** JSON. */
  body?: z.ZodType
  /** The body is a photo's bytes instead of JSON. */
  photoBody?: true
  /** JSON of the answer; none: 204 without a body. */
  reply?: z.ZodType
  /** The answer is a stream of this type instead. */
  stream?:
    | 'text/event-stream'
    | 'application/jsonl'
    | 'application/json'
    | 'application/pdf'
    | 'application/zip'
    | 'application/octet-stream'
    | 'image/jpeg'
    | 'text/html'
    | 'image/png'
    | 'video/webm'
  /** 201 when something was created. Default 200, or 204 without a reply. */
  status?: 201 | 202
  /** Takes an Idempotency-Key: the same key and request give the same answer and are done once. */
  idempotent?: true
}

/** An API's endpoints by the name of their operation. */
export type Endpoints = Record<string, Endpoint>

/** Checks the shape and keeps the exact types. */
export function defineEndpoints<const Set extends Endpoints>(endpoints: Set): Set {
  return endpoints
}

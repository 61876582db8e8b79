import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { AccountActor, Visitor } from '../actor/actor.ts'
import type { Browser } from '../access/devices.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { endpoints, EndpointName } from '../contract/endpoints.ts'
import type { RangedFile } from './ranged-file.ts'

type Shape<E, Part extends string> =
  E extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : undefined

/** One request, checked against the contract, from somebody who may make it. */
export interface EndpointRequest<E extends Endpoint> {
  /** Undefined only where everybody may call. */
  actor: E['access'] extends 'public' ? undefined : AccountActor
  visitor: Visitor
  browser: Browser
  params: Shape<E, 'params'>
  query: Shape<E, 'query'>
  body: E extends { photoBody: true } ? Buffer : Shape<E, 'body'>
  /** The request's `Range` header, for files that are sent in pieces. */
  range: string | undefined
  /** Ends with the account's access, with the connection, and with the service. */
  signal: AbortSignal
  /** Cookies to be sent with the answer, as Set-Cookie lines. */
  setCookies: (cookies: readonly string[]) => void
}

/** What a handler gives: the reply, a stream, or nothing. */
export type EndpointReply<E extends Endpoint> = E extends { stream: string }
  ? AsyncIterable<string> | Readable | Buffer | RangedFile
  : E extends { reply: infer Schema extends z.ZodType }
    ? z.input<Schema>
    : void

/** Does what is asked and gives the reply. */
type Act<E extends Endpoint> = (request: EndpointRequest<E>) => Promise<EndpointReply<E>>

/** For endpoints with `idempotent`: also how the reply is made again from what the first request made, by its id. */
interface OnceHandler<E extends Endpoint> {
  first: Act<E>
  again: (request: EndpointRequest<E>, made: string) => Promise<EndpointReply<E>>
}

export type Handler<E extends Endpoint> = E extends { idempotent: true } ? OnceHandler<E> : Act<E>

/** A handler as the code that serves every endpoint sees it. */
export type AnyHandler = Act<Endpoint> | OnceHandler<Endpoint>

export type Handlers = { [Name in EndpointName]: Handler<(typeof endpoints)[Name]> }

/** Keeps a file of routes to its part of the contract. */
export type HandlersOf<Set extends Record<string, Endpoint>> = { [Name in keyof Set]: Handler<Set[Name]> }

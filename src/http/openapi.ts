import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'
import { problem } from '../contract/values.ts'

type Json = Record<string, unknown>

/** The API as an OpenAPI 3.1 document, made from the contract. */
export function openApiDocument(): Json {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const paths: Record<string, Json> = {}
  const schemas = new Schemas()
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = `${API_PREFIX}${endpoint.path}`.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(name, endpoint, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Likeness',
      version,
      description:
        'A likeness is a lead, never an identity. Every search names a person, an agency, a case and a purpose.',
    },
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'likeness.session_token' },
        apiKey: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Problem: schemas.of(problem, 'output'), ...schemas.named },
    },
  }
}

function operationOf(name: string, endpoint: Endpoint, schemas: Schemas): Json {
  const needs =
    endpoint.access === 'public'
      ? {}
      : { security: [{ session: [] }, { apiKey: [] }], 'x-access': endpoint.access }
  const idempotency = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    schema: { type: 'string', minLength: 8, maxLength: 100 },
  }
  const parameters = [
    ...parametersOf(endpoint.params, 'path', schemas),
    ...parametersOf(endpoint.query, 'query', schemas),
    ...(endpoint.idempotent === true ? [idempotency] : []),
  ]
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...needs,
    ...(endpoint.shutToVerifiers === true ? { 'x-shut-to-verifiers': true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBodyOf(endpoint, schemas),
    responses: {
      ...successOf(endpoint, schemas),
      default: {
        description: 'What went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function requestBodyOf({ body, photoBody }: Endpoint, schemas: Schemas): Json {
  if (photoBody === true) {
    return {
      requestBody: {
        required: true,
        content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
      },
    }
  }
  if (body === undefined) return {}
  return {
    requestBody: { required: true, content: { 'application/json': { schema: schemas.of(body, 'input') } } },
  }
}

function successOf({ reply, stream, status }: Endpoint, schemas: Schemas): Json {
  if (stream !== undefined) {
    return { 200: { description: 'Done', content: { [stream]: { schema: { type: 'string' } } } } }
  }
  if (reply === undefined) return { 204: { description: 'Done' } }
  return {
    [status ?? 200]: {
      description: 'Done',
      content: { 'application/json': { schema: schemas.of(reply, 'output') } },
    },
  }
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', schemas: Schemas): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemas.of(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }))
}

/** Schemas of the contract; those that carry an id stand once, among the components. */
class Schemas {
  readonly named: Record<string, Json> = {}

  /** @throws Error when two schemas of different shape carry the same id */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const written = JSON.stringify(z.toJSONSchema(schema, { io, target: 'draft-2020-12' }))
    const {
      $schema: _dialect,
      $defs = {},
      ...root
    } = JSON.parse(written.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json & {
      $defs?: Record<string, Json>
    }
    for (const [name, definition] of Object.entries($defs)) {
      if (!isDeepStrictEqual((this.named[name] ??= definition), definition))
        throw new Error(`Two schemas of different shape have the id ${name}`)
    }
    return root
  }
}

import { readFileSync } from 'node:fs'
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
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = `${API_PREFIX}${endpoint.path}`.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(name, endpoint) }
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
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  }
}

function operationOf(name: string, endpoint: Endpoint): Json {
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
    ...parametersOf(endpoint.params, 'path'),
    ...parametersOf(endpoint.query, 'query'),
    ...(endpoint.idempotent === true ? [idempotency] : []),
  ]
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...needs,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBodyOf(endpoint),
    responses: {
      ...successOf(endpoint),
      default: {
        description: 'What went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function requestBodyOf({ body, photoBody }: Endpoint): Json {
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
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
  }
}

function successOf({ reply, stream, status }: Endpoint): Json {
  if (stream !== undefined) {
    return { 200: { description: 'Done', content: { [stream]: { schema: { type: 'string' } } } } }
  }
  if (reply === undefined) return { 204: { description: 'Done' } }
  return {
    [status ?? 200]: {
      description: 'Done',
      content: { 'application/json': { schema: schemaOf(reply, 'output') } },
    },
  }
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
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

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const {
    $schema: _dialect,
    id: _id,
    ...rest
  } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json
  return rest
}

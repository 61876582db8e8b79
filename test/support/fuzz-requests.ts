import fc, { type Arbitrary } from 'fast-check'

/** JSON Schema as openapi.json uses it. */
interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  prefixItems?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}

export interface OpenApi {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string
        'x-access'?: string
        parameters?: Parameter[]
        requestBody?: { content: Record<string, { schema: Schema }> }
      }
    >
  >
}

export interface Operation {
  name: string
  access: string
  method: string
  path: string
  parameters: Parameter[]
  /** Schema of a JSON body; `photo` for bytes; undefined for none. */
  body: Schema | 'photo' | undefined
}

/** A request to be sent as it is. */
export interface Attempt {
  operation: string
  access: string
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

const NOT_OFFERED = 'PATCH'
const TOO_LARGE_BYTES = 300 * 1024
const DEEP = 20_000
const ODD_TEXTS = [
  '\u0000',
  '\ud800',
  "' or 1=1 --",
  '../../etc/passwd',
  '${7*7}',
  '\u202e',
  '🙂'.repeat(20),
  '%00',
]

/** Every operation of the document. */
export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = operation.requestBody?.content
      const json = content?.['application/json']?.schema
      return {
        name: operation.operationId,
        access: operation['x-access'] ?? 'public',
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: content === undefined ? undefined : (json ?? ('photo' as const)),
      }
    }),
  )
}

/** Requests that the document does not allow, each wrong in one way. */
export function malformedRequest(operations: readonly Operation[]): Arbitrary<Attempt> {
  return fc.constantFrom(...operations).chain((operation) => fc.oneof(...waysToBreak(operation)))
}

/** Requests that the document allows, with values that nobody would send. */
export function oddRequest(operations: readonly Operation[]): Arbitrary<Attempt> {
  return fc.constantFrom(...operations).chain((operation) => attempt(operation, {}))
}

function waysToBreak(operation: Operation): Arbitrary<Attempt>[] {
  const ways: Arbitrary<Attempt>[] = [
    attempt(operation, {}).map((made) => ({ ...made, method: NOT_OFFERED })),
    attempt(operation, {}).map((made) => ({
      ...made,
      path: made.path.replace(/(\/[^/?]*)(\?|$)/, '$1%E0%A4%A$2'),
    })),
  ]
  for (const parameter of operation.parameters) {
    if (parameter.in !== 'header') ways.push(attempt(operation, { breakParameter: parameter.name }))
    else
      ways.push(
        fc
          .tuple(attempt(operation, {}), fc.constantFrom('short', 'with space in it', 'x'.repeat(101)))
          .map(([made, key]) => ({ ...made, headers: { ...made.headers, 'idempotency-key': key } })),
      )
  }
  if (operation.body === 'photo') {
    ways.push(
      withBody(operation, 'application/json', fc.json()),
      withBody(operation, 'text/plain', fc.string()),
    )
    ways.push(withBody(operation, 'application/octet-stream', fc.constant('')))
  } else if (operation.body !== undefined) {
    const text = 'application/json'
    ways.push(
      // Twice: this is where most of the contract is.
      withBody(
        operation,
        text,
        broken(operation.body).map((value) => JSON.stringify(value)),
      ),
      withBody(
        operation,
        text,
        broken(operation.body).map((value) => JSON.stringify(value)),
      ),
      withBody(
        operation,
        text,
        fc.string().filter((value) => !isJson(value)),
      ),
      withBody(operation, text, fc.constant('')),
      withBody(operation, text, fc.constant(`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`)),
      withBody(operation, text, fc.constant('{"__proto__":{"isAdmin":true}}')),
      withBody(operation, text, fc.constant(JSON.stringify('x'.repeat(TOO_LARGE_BYTES)))),
      withBody(
        operation,
        'application/xml',
        fc.constant('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
      ),
    )
  }
  return ways
}

function withBody(operation: Operation, type: string, body: Arbitrary<string>): Arbitrary<Attempt> {
  return fc
    .tuple(attempt(operation, {}), body)
    .map(([made, text]) => ({ ...made, headers: { ...made.headers, 'content-type': type }, body: text }))
}

function attempt(operation: Operation, { breakParameter }: { breakParameter?: string }): Arbitrary<Attempt> {
  const values = operation.parameters.map((parameter) => {
    const isBroken = parameter.name === breakParameter
    const text = isBroken ? brokenText(parameter.schema) : valid(parameter.schema).map(String)
    const optional = !parameter.required && !isBroken
    return (optional ? fc.option(text, { nil: undefined }) : text).map((value) => ({ parameter, value }))
  })
  const body = operation.body === undefined || operation.body === 'photo' ? undefined : valid(operation.body)
  return fc.tuple(fc.tuple(...values), body ?? fc.constant(undefined)).map(([parameters, json]) => {
    let { path } = operation
    const query: string[] = []
    const headers: Record<string, string> = {}
    for (const { parameter, value } of parameters) {
      if (value === undefined) continue
      const encoded = encode(value)
      if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encoded)
      else if (parameter.in === 'query') query.push(`${parameter.name}=${encoded}`)
    }
    if (operation.body !== undefined) {
      headers['content-type'] = operation.body === 'photo' ? 'application/octet-stream' : 'application/json'
    }
    return {
      operation: operation.name,
      access: operation.access,
      method: operation.method,
      path: query.length === 0 ? path : `${path}?${query.join('&')}`,
      headers,
      body: operation.body === 'photo' ? 'no photo' : json === undefined ? undefined : JSON.stringify(json),
    }
  })
}

/** Lone surrogates cannot be written in an address; browsers replace them too. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

function oddText({ minLength = 0, maxLength = 60 }: Schema): Arbitrary<string> {
  return fc
    .oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...ODD_TEXTS))
    .map((text) => `x${text}`.slice(0, maxLength).padEnd(minLength, 'x'))
}

function validText(schema: Schema): Arbitrary<string> {
  switch (schema.format ?? '') {
    case 'uuid':
      return fc.uuid({ version: 7 })
    case 'email':
      return fc.stringMatching(/^[a-z]{1,12}@[a-z]{1,12}\.example$/)
    case 'date-time':
      return fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => date.toISOString())
    case 'date':
      return fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10))
    default:
      return schema.pattern === undefined ? oddText(schema) : fc.stringMatching(new RegExp(schema.pattern))
  }
}

function valid(schema: Schema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(valid))
  const { minimum = -1e9, maximum = 1e9 } = schema
  switch (schema.type ?? '') {
    case 'string':
      return validText(schema)
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) })
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'array':
      if (schema.prefixItems !== undefined) return fc.tuple(...schema.prefixItems.map(valid))
      return fc.array(valid(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 8, 8),
      })
    case 'object':
      return validObject(schema)
    default:
      return fc.jsonValue()
  }
}

function validObject({ properties, required = [] }: Schema): Arbitrary<unknown> {
  if (properties === undefined) return fc.dictionary(fc.string(), fc.jsonValue())
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valid(schema)]),
  )
  return fc.record(members, { requiredKeys: required })
}

/** A value that the schema does not allow. */
function broken(schema: Schema): Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined)
    return fc.oneof(fc.constantFrom(null, 7, 'x', [], true), fc.constant({ kind: 'none' }))
  const otherTypes: unknown[] = [null, true, 1.5, 'x', [[]], { a: 1 }]
  const wrongType = fc.constantFrom(...otherTypes.filter((value) => typeOf(value) !== schema.type))
  switch (schema.type ?? '') {
    case 'string':
      return fc.oneof(
        fc.constantFrom(...otherTypes.filter((value) => typeof value !== 'string')),
        ...brokenTexts(schema),
      )
    case 'integer':
    case 'number':
      return fc.oneof(
        fc.constantFrom(null, true, 'x', [], {}),
        ...(schema.minimum === undefined ? [] : [fc.constant(schema.minimum - 1)]),
        ...(schema.maximum === undefined ? [] : [fc.constant(schema.maximum + 1)]),
      )
    case 'array':
      return fc.oneof(wrongType, ...brokenArrays(schema))
    case 'object':
      return fc.oneof(wrongType, ...brokenObjects(schema))
    default:
      return wrongType
  }
}

function brokenTexts(schema: Schema): Arbitrary<string>[] {
  const { minLength = 0, maxLength } = schema
  const tight = schema.enum !== undefined || schema.format !== undefined || schema.pattern !== undefined
  return [
    ...(minLength > 0 || tight ? [fc.constantFrom('', '   ')] : []),
    ...(maxLength === undefined ? [] : [fc.constant('x'.repeat(maxLength + 1))]),
    ...(tight ? [fc.constantFrom('none such', '-1', '\u0000', 'x'.repeat(5000))] : []),
  ]
}

function brokenArrays(schema: Schema): Arbitrary<unknown>[] {
  if (schema.prefixItems !== undefined) return [fc.tuple(...schema.prefixItems.slice(1).map(valid))]
  const { items = {}, minItems = 0, maxItems } = schema
  return [
    ...(minItems > 0 ? [fc.constant([])] : []),
    ...(maxItems === undefined
      ? []
      : [valid(items).map((item) => Array.from({ length: maxItems + 1 }, () => item))]),
    ...(items.type === undefined ? [] : [broken(items).map((item) => [item])]),
  ]
}

function brokenObjects(schema: Schema): Arbitrary<unknown>[] {
  const { properties = {}, required = [] } = schema
  const names = Object.keys(properties)
  const ways: Arbitrary<unknown>[] = []
  if (required.length > 0) {
    ways.push(
      fc.tuple(valid(schema), fc.constantFrom(...required)).map(([value, name]) => {
        const { [name]: _dropped, ...rest } = value as Record<string, unknown>
        return rest
      }),
    )
  }
  for (const name of names) {
    ways.push(
      fc
        .tuple(valid(schema), broken(properties[name]))
        .map(([value, wrong]) => ({ ...(value as object), [name]: wrong })),
    )
  }
  return ways
}

/** The text of a parameter that its schema does not allow. */
function brokenText(schema: Schema): Arbitrary<string> {
  if (schema.type === 'integer') {
    return fc.constantFrom('x', '1.5', '-1', '0', '99999999999', 'NaN', '1e9', '[]')
  }
  const texts = brokenTexts(schema)
  return fc.oneof(...texts).map((text) => (text === '' ? '%' : text))
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

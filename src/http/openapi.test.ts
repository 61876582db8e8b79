import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openApiDocument } from './openapi.ts'

test('openapi.json is what the contract says; `npm run openapi` writes it', () => {
  const committed = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as object
  expect(committed).toEqual(openApiDocument())
})

test('every reference of the document leads to a schema in it', () => {
  const document = openApiDocument() as { components: { schemas: object } }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, to]) => to)
  expect(references).toContain('#/components/schemas/Search')
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
  expect(known).toEqual(expect.arrayContaining(references))
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openApiDocument } from './openapi.ts'

test('openapi.json is what the contract says; `npm run openapi` writes it', () => {
  const committed = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as object
  expect(committed).toEqual(openApiDocument())
})

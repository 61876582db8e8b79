import { writeFileSync } from 'node:fs'
import { openApiDocument } from '../src/http/openapi.ts'

// Writes openapi.json from the contract; a test fails when it is stale.
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(openApiDocument(), null, 2)}\n`)

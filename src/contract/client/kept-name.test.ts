import { expect, test } from 'vitest'
import { importEndpoints } from '../import-endpoints.ts'
import { keptName } from './kept-name.ts'

test.each([
  ['short', 'a/b.jpg', 'a/b.jpg'],
  ['too long', `${'x'.repeat(300)}/b.jpg`, `${'x'.repeat(194)}/b.jpg`],
  ['with blanks around it', ' a.jpg ', 'a.jpg'],
  ['cut within a character', `${'x'.repeat(9)}😀${'y'.repeat(199)}`, `\uFFFD${'y'.repeat(199)}`],
])('a name that is %s is the one that the service keeps', (_what, name, kept) => {
  expect(keptName(name)).toBe(kept)
  expect(keptName(kept)).toBe(kept)
  // As the service reads it, out of an address and out of a body.
  const address = new URLSearchParams({ name: keptName(name) })
  const { query } = importEndpoints.importFile
  expect(query.parse(Object.fromEntries(address)).name).toBe(kept)
  const body = JSON.stringify({ name: keptName(name), byteLength: 1 })
  expect(importEndpoints.beginUpload.body.parse(JSON.parse(body)).name).toBe(kept)
})

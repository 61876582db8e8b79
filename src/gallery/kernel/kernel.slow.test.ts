import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { compileKernel } from '../../../test/support/compile-kernel.ts'

test('the committed kernel is, byte for byte, what its sources compile to', async () => {
  const { source } = await compileKernel()
  const committed = await readFile(new URL('./kernel-bytes.ts', import.meta.url), 'utf8')
  expect(committed === source, 'run `npm run build:kernel`').toBe(true)
})

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { hashOfSources, KERNELS } from '../scripts/kernel/kernels.ts'

test.each(Object.entries(KERNELS))('the committed %s kernel was made from its sources', async (_, kernel) => {
  const committed = await readFile(path.join(kernel.folder, 'kernel-bytes.ts'), 'utf8')
  expect(committed, 'run `npm run build:kernel`').toContain(await hashOfSources(kernel))
})

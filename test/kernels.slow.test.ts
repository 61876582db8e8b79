import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { compileKernel, KERNELS } from './support/compile-kernel.ts'

test.each(Object.entries(KERNELS))(
  'the committed %s kernel is, byte for byte, what its sources compile to',
  async (_, kernel) => {
    const { source } = await compileKernel(kernel)
    const committed = await readFile(path.join(kernel.folder, 'kernel-bytes.ts'), 'utf8')
    expect(committed === source, 'run `npm run build:kernel`').toBe(true)
  },
)

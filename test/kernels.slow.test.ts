import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { installPackages } from '../scripts/install-packages.ts'
import { KERNELS } from '../scripts/kernel/kernels.ts'

beforeAll(() => installPackages('scripts/kernel'))

test.each(Object.entries(KERNELS))(
  'the committed %s kernel is, byte for byte, what its sources compile to',
  async (_, kernel) => {
    const { compileKernel } = await import('../scripts/kernel/compile-kernel.ts')
    const { source } = await compileKernel(kernel)
    const committed = await readFile(path.join(kernel.folder, 'kernel-bytes.ts'), 'utf8')
    expect(committed === source, 'run `npm run build:kernel`').toBe(true)
  },
)

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { compileKernel, KERNELS } from '../test/support/compile-kernel.ts'

// `npm run build:kernel`: AssemblyScript -> WebAssembly -> the modules that gallery and engine import.

for (const [name, kernel] of Object.entries(KERNELS)) {
  const { source, bytes } = await compileKernel(kernel)
  await writeFile(path.join(kernel.folder, 'kernel-bytes.ts'), source)
  console.log(`${name}: ${bytes.length} bytes`)
}

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { installPackages } from '../install-packages.ts'
import { KERNELS } from './kernels.ts'

// `npm run build:kernel`: AssemblyScript -> WebAssembly -> the modules that gallery and engine import.

installPackages(import.meta.dirname)
const { compileKernel } = await import('./compile-kernel.ts')
for (const [name, kernel] of Object.entries(KERNELS)) {
  const { source, bytes } = await compileKernel(kernel)
  await writeFile(path.join(kernel.folder, 'kernel-bytes.ts'), source)
  console.log(`${name}: ${bytes.length} bytes`)
}

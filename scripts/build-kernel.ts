import { writeFile } from 'node:fs/promises'
import { compileKernel } from '../test/support/compile-kernel.ts'

// `npm run build:kernel`: AssemblyScript -> WebAssembly -> the module that the gallery imports.

const target = new URL('../src/gallery/kernel/kernel-bytes.ts', import.meta.url)
const { source, bytes } = await compileKernel()
await writeFile(target, source)
console.log(`kernel: ${bytes.length} bytes`)

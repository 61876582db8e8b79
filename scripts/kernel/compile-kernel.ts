import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { main as compile } from 'assemblyscript/asc'
import { hashOfSources, type KernelSource } from './kernels.ts'

/** WebAssembly of a kernel, and the text of the module that carries it. */
export async function compileKernel(kernel: KernelSource): Promise<{ bytes: Uint8Array; source: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-kernel-'))
  try {
    const wasm = path.join(folder, 'kernel.wasm')
    const { error } = await compile([
      kernel.entry,
      '--outFile',
      wasm,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      kernel.features,
      ...kernel.memory,
    ])
    if (error !== null) throw new Error(`The kernel does not compile: ${error.message}`)
    const bytes = await readFile(wasm)
    return { bytes, source: moduleText(bytes, await hashOfSources(kernel)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function moduleText(bytes: Uint8Array, hash: string): string {
  return (
    '// Made by `npm run build:kernel` from `assembly/`; a test fails when it is stale. Committed so that a clone runs without a build.\n' +
    `// SHA-256 of the sources it was made from: ${hash}\n\n` +
    '/** The kernel as WebAssembly, in base64. */\n' +
    `export const KERNEL_BASE64 =\n  '${Buffer.from(bytes).toString('base64')}'\n`
  )
}

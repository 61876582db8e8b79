import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { main as compile } from 'assemblyscript/asc'

const ENTRY = fileURLToPath(new URL('../../src/gallery/kernel/assembly/index.ts', import.meta.url))

/** WebAssembly of the gallery's kernel, and the text of the module that carries it. */
export async function compileKernel(): Promise<{ bytes: Uint8Array; source: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-kernel-'))
  try {
    const wasm = path.join(folder, 'kernel.wasm')
    const { error } = await compile([
      ENTRY,
      '--outFile',
      wasm,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd,threads',
      // The memory comes from outside, is shared by the workers, and may be as large as WebAssembly allows (4 GiB).
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
    ])
    if (error !== null) throw new Error(`The kernel does not compile: ${error.message}`)
    const bytes = await readFile(wasm)
    return { bytes, source: moduleText(bytes) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function moduleText(bytes: Uint8Array): string {
  return (
    '// Made by `npm run build:kernel` from `assembly/`; a test fails when it is stale. Committed so that a clone runs without a build.\n' +
    '\n' +
    '/** The kernel as WebAssembly, in base64. */\n' +
    `export const KERNEL_BASE64 =\n  '${Buffer.from(bytes).toString('base64')}'\n`
  )
}

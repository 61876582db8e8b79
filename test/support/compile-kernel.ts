import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { main as compile } from 'assemblyscript/asc'

/** A kernel: a folder with AssemblyScript in `assembly/` and the compiled module in `kernel-bytes.ts`. */
export interface KernelSource {
  folder: string
  /** The first of the sources. */
  entry: string
  features: string
  /** Where its memory comes from, as compiler options. */
  memory: readonly string[]
}

const GALLERY_ENTRY = fileURLToPath(new URL('../../src/gallery/kernel/assembly/index.ts', import.meta.url))
const RASTER_ENTRY = fileURLToPath(
  new URL('../../src/engine/raster-kernel/assembly/index.ts', import.meta.url),
)

export const KERNELS = {
  gallery: {
    folder: path.dirname(path.dirname(GALLERY_ENTRY)),
    entry: GALLERY_ENTRY,
    features: 'simd,threads,relaxed-simd',
    // The memory comes from outside, is shared by the workers, and may be as large as WebAssembly allows (4 GiB).
    memory: ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  },
  raster: {
    folder: path.dirname(path.dirname(RASTER_ENTRY)),
    entry: RASTER_ENTRY,
    features: 'simd',
    memory: ['--initialMemory', '1'],
  },
} satisfies Record<string, KernelSource>

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

/** SHA-256 over a kernel's sources, in order of their names. */
export async function hashOfSources({ entry }: KernelSource): Promise<string> {
  const sources = path.dirname(entry)
  const hash = createHash('sha256')
  for (const name of (await readdir(sources)).toSorted())
    hash.update(await readFile(path.join(sources, name)))
  return hash.digest('hex')
}

function moduleText(bytes: Uint8Array, hash: string): string {
  return (
    '// Made by `npm run build:kernel` from `assembly/`; a test fails when it is stale. Committed so that a clone runs without a build.\n' +
    `// SHA-256 of the sources it was made from: ${hash}\n\n` +
    '/** The kernel as WebAssembly, in base64. */\n' +
    `export const KERNEL_BASE64 =\n  '${Buffer.from(bytes).toString('base64')}'\n`
  )
}

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

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

/** SHA-256 over a kernel's sources, in order of their names. */
export async function hashOfSources({ entry }: KernelSource): Promise<string> {
  const sources = path.dirname(entry)
  const hash = createHash('sha256')
  for (const name of (await readdir(sources)).toSorted())
    hash.update(await readFile(path.join(sources, name)))
  return hash.digest('hex')
}

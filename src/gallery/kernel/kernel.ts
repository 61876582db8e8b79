import { KERNEL_BASE64 } from './kernel-bytes.ts'
import { geometryOf, type ShardLayout } from './shard-layout.ts'

/** What the kernel exports; addresses are bytes in the memory that it was started on. */
export interface Kernel {
  configure(geometryAt: number): void
  encode(from: number, firstRow: number, count: number, worker: number): void
  recode(firstRow: number, count: number, worker: number): void
  encodeQuery(
    from: number,
    to: number,
    codeAt: number,
    planesAt: number,
    tablesAt: number,
    int16At: number,
    worker: number,
  ): void
  scan(slot: number, worker: number, rows: number, queries: number): number
  samplePairs(x: number, xCount: number, y: number, yCount: number, histogramAt: number, bins: number): void
  readThrough(from: number, bytes: number): bigint
}

/** Compiles the kernel; the result can be given to worker threads. */
export function compiledKernel(): WebAssembly.Module {
  return new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64'))
}

/** Starts the kernel on one shard's memory. */
export function startKernel(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  layout: ShardLayout,
): Kernel {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: refuse } })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the exports of `assembly/index.ts`, which a test compiles
  const kernel = instance.exports as unknown as Kernel
  new Int32Array(memory.buffer, layout.geometryAt).set(geometryOf(layout))
  kernel.configure(layout.geometryAt)
  return kernel
}

function refuse(): never {
  throw new Error('The gallery kernel stopped itself.')
}

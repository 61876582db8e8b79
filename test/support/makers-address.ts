import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where the telemetry of onnxruntime's maker goes: docs/decisions/nothing-phones-home.md. */
const MARKS = ['events.data.microsoft.com', 'OneCollector/']

/** Native libraries below a folder that hold the address of their maker. */
export function librariesWithMakersAddress(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(file))
    .filter((file) => {
      const bytes = readFileSync(path.join(folder, file))
      return MARKS.some((mark) => bytes.includes(mark))
    })
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Smaller files gain nothing worth another file. */
const LEAST_BYTES = 1024
const PACKED = /\.(js|css|html|svg|json|webmanifest)$/

/** Lists the files of the build for the service worker, and packs each once, so that the service never packs any. */
export function packedFiles(folder: string): Plugin {
  return {
    name: 'packed-files',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).map((file) => `/${file}`)
      this.emitFile({ type: 'asset', fileName: 'shell.json', source: JSON.stringify(files.toSorted()) })
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!PACKED.test(name)) continue
        const file = path.join(folder, name)
        const bytes = readFileSync(file)
        if (bytes.byteLength < LEAST_BYTES) continue
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
      }
    },
  }
}

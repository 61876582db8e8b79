import { fileURLToPath } from 'node:url'
import process from 'node:process'
import Config from '@npmcli/config'
import definitions from '@npmcli/config/lib/definitions/index.js'

/** The user's npm settings (registry, proxy, certificates, credentials), read from where npm itself reads them. */
export async function readNpmSettings(): Promise<Record<string, unknown>> {
  const config = new Config({
    npmPath: fileURLToPath(new URL('.', import.meta.url)),
    definitions: definitions.definitions,
    shorthands: definitions.shorthands,
    flatten: definitions.flatten,
    argv: [process.execPath, 'likeness'],
    warn: false,
  })
  await config.load()
  return config.flat
}

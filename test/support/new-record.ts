import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openStore } from '../../src/store/store.ts'

type Files = ReadonlyMap<string, Buffer>

/** The files of a new record by name, for each operator's key; made once in each process. */
const made = new Map<string, Promise<Files>>()

/**
 * Makes a data folder with a new record, as opening one does: copied from one that was made so, because the tables and checksums
 * of its own would take most of a test's time. How a record comes to be is tested with `openStore` itself.
 * @param operatorKey undefined for an unencrypted one
 */
export async function makeNewRecord(dataFolder: string, operatorKey?: Uint8Array): Promise<void> {
  const name = operatorKey === undefined ? '' : Buffer.from(operatorKey).toString('hex')
  const known = made.get(name) ?? makeFiles(operatorKey)
  made.set(name, known)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  for (const [file, bytes] of await known) writeFileSync(path.join(dataFolder, file), bytes, { mode: 0o600 })
}

async function makeFiles(operatorKey: Uint8Array | undefined): Promise<Files> {
  const folder = mkdtempSync(path.join(tmpdir(), 'likeness-new-record-'))
  try {
    const store = await openStore({ dataFolder: folder, operatorKey })
    await store.close()
    return new Map(readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file))]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

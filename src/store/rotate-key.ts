import path from 'node:path'
import { AppError } from '../errors.ts'
import { resealRecord } from './checkpoint.ts'
import { databaseKey, newDataKey, openKeyring, writeKeyring, type Keyring } from './keyring.ts'
import { MediaVault } from './media-vault.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { openStore, vaultEncryption } from './store.ts'
import { toStorageError } from './storage-errors.ts'

export interface RotateKeyInput {
  dataFolder: string
  oldKey: Uint8Array
  newKey: Uint8Array
  /** Called after each original. */
  onMedia?: (done: number) => void
}

/**
 * Replaces the operator's key and the data key under it: every original and the database are written anew.
 *
 * 1. both data keys stand in keys.json, wrapped by the new operator's key; 2. the database is written anew under the
 * new data key, in one transaction; 3. each original is; 4. the old data key is forgotten. Killed anywhere, the same
 * command with the new key as both old and new goes on; the folder stays readable with the new key all the while.
 * @throws AppError `wrong_key`, `conflict` while another process has the record open
 */
export async function rotateKey(input: RotateKeyInput): Promise<{ media: number }> {
  const { dataFolder, newKey } = input
  let keyring = openKeyring(dataFolder, input.oldKey)
  // Brings the write-ahead log into the database file.
  await (await openStore({ dataFolder, operatorKey: input.oldKey })).close()
  if (keyring.retiring === undefined) keyring = { current: newDataKey(), retiring: keyring.current }
  writeKeyring(dataFolder, newKey, keyring)
  await rekeyDatabase(dataFolder, keyring)
  const vault = new MediaVault(dataFolder, vaultEncryption(keyring))
  let media = 0
  for await (const entry of vault.entries()) {
    if (entry.kind !== 'media') continue
    if (await vault.reseal(entry.sha256)) media += 1
    input.onMedia?.(media)
  }
  writeKeyring(dataFolder, newKey, { current: keyring.current, retiring: undefined })
  return { media }
}

async function rekeyDatabase(dataFolder: string, keyring: Keyring): Promise<void> {
  const files = { database: path.join(dataFolder, 'record.db'), seal: path.join(dataFolder, 'record.seal') }
  const newKey = databaseKey(keyring.current)
  if (opens(files.database, newKey)) return
  const database = openDatabase(files.database, databaseKey(keyring.retiring!))
  try {
    // Re-encryption is one transaction of the rollback journal; it needs the record to itself.
    const [{ journal_mode: mode }] = readPragma(database, 'journal_mode = delete')
    if (mode !== 'delete') {
      throw new AppError(
        'conflict',
        'Another process has the record open; end it and run this again. Nothing was changed.',
      )
    }
    readPragma(database, `rekey = '${newKey}'`)
  } catch (error) {
    throw toStorageError(error, 'writing the database under the new key')
  } finally {
    database.close()
  }
  await resealRecord(files, newKey)
}

function opens(file: string, key: string): boolean {
  try {
    const database = openDatabase(file, key)
    readPragma(database, 'user_version')
    database.close()
    return true
  } catch {
    return false
  }
}

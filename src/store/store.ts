import { accessSync, chmodSync, constants, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../errors.ts'
import { recordFiles } from './database/checkpoint.ts'
import {
  createKeyring,
  databaseKey,
  hasKeyring,
  indexKey,
  openKeyring,
  vaultKey,
  type Keyring,
} from './vault/keyring.ts'
import { keyOfDatabase } from './database/key-of-database.ts'
import { MediaVault, type VaultEncryption } from './vault/media-vault.ts'
import { openRecord, type RecordDatabase } from './database/record.ts'
import { type Db } from './database/db.ts'
import { makeFolderDurablyNow } from './vault/durable-files.ts'
import { toStorageError } from './database/storage-errors.ts'

export interface StoreOptions {
  /** Folder of record and media; made when it does not exist. */
  dataFolder: string
  /** The operator's key, 32 bytes; undefined for an unencrypted folder. */
  operatorKey: Uint8Array | undefined
  /** Reads and writes the database in threads of their own; the service does. */
  inThreads?: boolean
}

/** The record: database and media vault of one data folder. */
export interface Store {
  readonly dataFolder: string
  readonly encrypted: boolean
  readonly record: RecordDatabase
  readonly db: Db
  /** A few rows by key, at once; see [Note: lookups]. */
  readonly lookups: Db
  readonly vault: MediaVault
  /** Files made from originals, which may be deleted and are made again. */
  readonly derived: MediaVault
  /** Parts of videos that are still being sent. */
  readonly uploads: MediaVault
  /** Key of the index's files; undefined for an unencrypted folder. */
  readonly indexKey: Uint8Array | undefined
  close(): Promise<void>
}

/**
 * Opens a data folder, or makes it: encrypted from the beginning when a key is given.
 * @throws AppError `wrong_key` when the key is not the folder's, is missing, or is given for an unencrypted folder;
 *   `corrupt_record`, `storage_full`, `storage_read_only`
 */
export async function openStore({
  dataFolder,
  operatorKey,
  inThreads = false,
}: StoreOptions): Promise<Store> {
  const keyring = openKeys(dataFolder, operatorKey)
  const key = keyring === undefined ? undefined : keyToOpenWith(dataFolder, keyring)
  const record = await openRecord(dataFolder, key, { inThreads })
  const encryption = keyring === undefined ? undefined : vaultEncryption(keyring)
  return {
    dataFolder,
    encrypted: keyring !== undefined,
    record,
    db: record.db,
    lookups: record.lookups,
    vault: new MediaVault(dataFolder, encryption),
    derived: new MediaVault(dataFolder, encryption, DERIVED_FOLDER),
    uploads: new MediaVault(dataFolder, encryption, UPLOADS_FOLDER),
    indexKey: keyring === undefined ? undefined : indexKey(keyring.current),
    close: () => record.close(),
  }
}

/** Folders of `Store.derived` and `Store.uploads`. */
export const DERIVED_FOLDER = 'derived'
export const UPLOADS_FOLDER = 'uploads'

/** Folder below the data folder with one folder of files for each kind of templates; all of it is derived. */
export function indexRoot(dataFolder: string): string {
  return path.join(dataFolder, 'index')
}

/** Both data keys for reading, the current one for writing. */
export function vaultEncryption(keyring: Keyring): VaultEncryption {
  const keys = [keyring.current, ...(keyring.retiring === undefined ? [] : [keyring.retiring])]
  return { currentId: keyring.current.id, keys: new Map(keys.map((key) => [key.id, vaultKey(key)])) }
}

function openKeys(dataFolder: string, operatorKey: Uint8Array | undefined): Keyring | undefined {
  const encrypted = hasKeyring(dataFolder)
  if (encrypted && operatorKey === undefined) {
    throw new AppError(
      'wrong_key',
      'The data folder is encrypted and no key was given. Give it with --key-file, LIKENESS_KEY_FILE or LIKENESS_KEY.',
    )
  }
  const known = encrypted ? openKeyring(dataFolder, operatorKey!) : undefined
  try {
    makeFolderDurablyNow(dataFolder)
    accessSync(dataFolder, constants.W_OK)
    shutToOthers(dataFolder)
    if (known !== undefined || operatorKey === undefined) return known
    if (existsSync(path.join(dataFolder, 'record.db'))) {
      throw new AppError(
        'wrong_key',
        'The data folder is not encrypted, but a key was given. Nothing was changed. Leave the key out, or import into a new folder with the key.',
      )
    }
    return createKeyring(dataFolder, operatorKey)
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'EEXIST' ||
      (error as NodeJS.ErrnoException).code === 'ENOTDIR'
    )
      throw new AppError('bad_input', `The data folder cannot be made: ${dataFolder} is, or is in, a file.`)
    throw toStorageError(error, 'making the data folder')
  }
}

/** A folder that was there before may be open to everybody of this machine; what is in it is not for them. */
function shutToOthers(dataFolder: string): void {
  const OTHERS = 0o077
  const { mode } = statSync(dataFolder)
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) chmodSync(dataFolder, mode & ~OTHERS)
}

/** A change of keys that was cut off leaves the database under the retiring key or the current one. */
function keyToOpenWith(dataFolder: string, { current, retiring }: Keyring): string {
  const key = databaseKey(current)
  if (retiring === undefined) return key
  return keyOfDatabase(recordFiles(dataFolder).database, [databaseKey(retiring), key]) ?? key
}

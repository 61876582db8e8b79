import Libsql from 'libsql'
import { isBusy } from './storage-errors.ts'

/** Seven templates of 512 numbers fit a page with little left over; 4 KiB pages would waste half of each. */
export const PAGE_BYTES = 16_384
/** SQLite's own wait for a lock, on the event loop; longer waits are asynchronous, see libsql-dialect.ts. */
const BUSY_TIMEOUT_MS = 5
/** How long a connection that opens waits for others that close. */
const OPENING_LIMIT_MS = 2000

/** Options that libsql takes and its types leave out. */
interface EncryptionOptions extends Libsql.Options {
  encryptionCipher?: string
  encryptionKey?: string
}

/**
 * Opens one connection with the settings that the record rests on.
 *
 * WAL with `synchronous=FULL`: a commit is on the disk when it returns. `wal_autocheckpoint=0`: pages enter the
 * database file only through checkpoint.ts, which writes their checksums. `secure_delete`: erased rows are overwritten.
 * @param key 64 hex digits, or undefined for an unencrypted record
 */
export function openDatabase(file: string, key: string | undefined): Libsql.Database {
  const options = key === undefined ? {} : cipherOptions(key)
  const database = new Libsql(file, { ...options, timeout: BUSY_TIMEOUT_MS })
  for (const pragma of [
    `page_size = ${PAGE_BYTES}`,
    'journal_mode = wal',
    'synchronous = full',
    'foreign_keys = on',
    'secure_delete = on',
    'wal_autocheckpoint = 0',
    'journal_size_limit = 0',
    'temp_store = memory',
    'trusted_schema = off',
    'cell_size_check = on',
  ]) {
    whileClosing(() => readPragma(database, pragma))
  }
  return database
}

/** How libsql is told of an encrypted database. @param key 64 hex digits */
export function cipherOptions(key: string): EncryptionOptions {
  return { encryptionCipher: 'aes256cbc', encryptionKey: key }
}

/** The rows that a pragma gives. */
export function readPragma(database: Libsql.Database, pragma: string): Record<string, unknown>[] {
  return database.prepare(`pragma ${pragma}`).all() as Record<string, unknown>[]
}

/** A connection that closes keeps others, for a moment, from beginning to read; SQLite's own wait is not for that. */
function whileClosing(run: () => unknown): void {
  const deadline = Date.now() + OPENING_LIMIT_MS
  for (;;) {
    try {
      run()
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_TIMEOUT_MS)
    }
  }
}

import { AppError } from '../../errors.ts'
import type { RecordFiles } from './checkpoint.ts'
import { keyOfDatabase } from './key-of-database.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { isBusy } from './storage-errors.ts'
import { setMark } from './behind-mark.ts'

/**
 * Writes the database anew under another key, unless it is already. Re-encryption is one transaction of the rollback
 * journal, so it needs the record to itself; cut off, SQLite rolls it back at the next opening.
 * Runs in a worker thread that then ends, because libsql lets go of a file only with its thread.
 * @throws AppError `conflict` while another process has the record open
 */
export function rekeyRecord(files: RecordFiles, key: string, newKey: string): void {
  if (keyOfDatabase(files.database, [key, newKey]) === newKey) return
  // From here the first page no longer fits its checksum; whoever opens the record before the end writes the checksums anew.
  setMark(files.mark, true)
  const database = openDatabase(files.database, key)
  try {
    const [{ journal_mode: mode }] = readPragma(database, 'journal_mode = delete')
    if (mode !== 'delete') throw inUse()
    readPragma(database, `rekey = '${newKey}'`)
  } catch (error) {
    throw isBusy(error) ? inUse() : error
  } finally {
    database.close()
  }
}

function inUse(): AppError {
  return new AppError(
    'conflict',
    'Another process has the record open. End it and run the same command again with the new key; until then the new key opens the folder.',
  )
}

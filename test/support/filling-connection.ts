import path from 'node:path'
import type Libsql from 'libsql'
import { openDatabase, readPragma } from '../../src/store/database/open-database.ts'
import type { Store } from '../../src/store/store.ts'

/** Longer than any other writer of a record holds it: another process, or the copying of the log. */
const WAIT_MS = 60_000

/**
 * A connection of its own to the unencrypted record of a store, for rows by the thousand. Unlike the store's own, it
 * waits on the thread that calls while others write.
 */
export function openToFill(store: Store): Libsql.Database {
  const database = openDatabase(path.join(store.dataFolder, 'record.db'), undefined)
  readPragma(database, `busy_timeout = ${WAIT_MS}`)
  return database
}

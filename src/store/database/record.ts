import type { Db } from './db.ts'
import { closeSync, copyFileSync, existsSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import type Libsql from 'libsql'
import { Kysely } from 'kysely'
import { AppError } from '../../errors.ts'
import { logBytes, recordFiles, type RecordFiles } from './checkpoint.ts'
import { watchBoundRows } from '../tables/bound-rows.ts'
import { CheckpointThread } from './checkpoint-thread.ts'
import { ConnectionThread } from './connection-thread.ts'
import { LibsqlDialect, type Connections } from './libsql-dialect.ts'
import { fillLists } from '../fill-lists.ts'
import { MIGRATIONS } from './migrations.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { OwnConnection } from './own-connection.ts'
import { ReaderPool } from './reader-pool.ts'
import type { RecordTables } from '../tables/record-tables.ts'
import { isBusy, toStorageError } from './storage-errors.ts'
import { setMark } from './behind-mark.ts'
import { inspectWal } from './write-ahead-log.ts'

/** A log longer than this after a write is copied into the database file, off the event loop; no write waits for it. */
export const CHECKPOINT_LOG_BYTES = 32 * 1024 * 1024

const BUSY_RETRY_MS = 10
const SQLITE_HEADER = 'SQLite format 3\0'

/** The database of the record, opened. Close it: closing copies and empties the write-ahead log. */
export interface RecordDatabase {
  readonly db: Db
  /** See [Note: lookups]. */
  readonly lookups: Db
  readonly files: RecordFiles
  readonly encrypted: boolean
  /** Words on a last transaction that was damaged when the record was opened, for `likeness doctor`. */
  readonly openedWithDamage: string | undefined
  /** Copies the log into the database file and empties it. @returns false while another process reads the log */
  checkpointNow(): Promise<boolean>
  /** Pages that differ from their checksums; undefined without checksums. @throws AppError `corrupt_record` when these are damaged themselves */
  checkPages(): Promise<number[] | undefined>
  /** Writes the checksums of the database file as it is now. */
  renewChecksums(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens or creates the record's database: checks the write-ahead log, opens with the key, migrates.
 * @param key 64 hex digits, or undefined for an unencrypted record
 * @param inThreads whether it is read and written in threads of their own, for those whose event loop serves others
 * @throws AppError `wrong_key`, `corrupt_record`, `storage_full`, `storage_read_only`
 */
export async function openRecord(
  dataFolder: string,
  key: string | undefined,
  { inThreads }: { inThreads: boolean },
): Promise<RecordDatabase> {
  const files = recordFiles(dataFolder)
  const damage = keepDamagedLog(`${files.database}-wal`)
  refuseForeignFile(files.database, key)
  const created = !existsSync(files.database)
  const checkpoints = new CheckpointThread(files, key)
  let database: Libsql.Database
  try {
    database = openDatabase(files.database, key)
    await migrate(database)
    await fillLists(database, async () => {
      if (logBytes(files) > CHECKPOINT_LOG_BYTES) await checkpoints.run('checkpoint')
    })
    if (!inThreads) watchBoundRows(database)
  } catch (error) {
    await checkpoints.end()
    throw toStorageError(error, 'opening the record')
  }
  const connections = inThreads ? threads(files.database, key) : ownThread(database)
  const db = new Kysely<RecordTables>({
    dialect: new LibsqlDialect(connections, () => {
      if (logBytes(files) > CHECKPOINT_LOG_BYTES) checkpoints.runInBackground()
    }),
  })
  if (created) await checkpoints.run('renew_checksums')
  const markIfOpen = (): void => markBehind(files)
  process.on('exit', markIfOpen)
  const lookups = inThreads ? openLookups(database) : db
  return {
    db,
    lookups,
    files,
    encrypted: key !== undefined,
    openedWithDamage: damage,
    async checkpointNow() {
      const reply = await checkpoints.run('checkpoint_and_empty')
      return reply.result?.emptied ?? false
    },
    async checkPages() {
      return (await checkpoints.run('check_pages')).brokenPages
    },
    async renewChecksums() {
      await checkpoints.run('renew_checksums')
    },
    async close() {
      try {
        if (logBytes(files) > 0) await checkpoints.run('checkpoint_and_empty')
        process.off('exit', markIfOpen)
      } finally {
        // Kept open until now: as the last connection it would have copied what is in the log, without checksums.
        if (inThreads) await lookups.destroy()
        await db.destroy()
        // Last, see [Note: locks of the database file].
        await checkpoints.end()
      }
    },
  }
}

function threads(file: string, key: string | undefined): Connections {
  const settings = { file, key }
  return {
    openWriter: () => new ConnectionThread({ ...settings, readOnly: false }),
    readers: new ReaderPool(settings),
  }
}

function ownThread(database: Libsql.Database): Connections {
  return { openWriter: () => new OwnConnection(database), readers: undefined }
}

/**
 * [Note: lookups]
 * A few rows by key, such as every request needs, are read on the event loop: a message to a thread and back costs
 * several times the read, and on a busy machine each waits its turn. Never a list, nor anything that grows with the
 * record. It sees what was committed and waits for no transaction.
 */
function openLookups(database: Libsql.Database): Db {
  readPragma(database, 'query_only = on')
  return new Kysely<RecordTables>({ dialect: new LibsqlDialect(ownThread(database), () => {}) })
}

/** A process that ends without having emptied the log leaves the copying to SQLite. Nothing can be thrown any more. */
function markBehind(files: RecordFiles): void {
  try {
    if (logBytes(files) > 0) setMark(files.mark, true)
  } catch {
    // A disk that takes not even this byte is read-only, and then SQLite copies nothing either.
  }
}

/** Checks the log before SQLite does, because SQLite drops what follows a bad frame without a word. */
function keepDamagedLog(file: string): string | undefined {
  const { damage } = inspectWal(file)
  if (damage === undefined) return undefined
  if (damage.certain) {
    throw new AppError(
      'corrupt_record',
      `${path.basename(file)} is damaged: ${damage.detail}. Nothing was opened or changed. Restore the data folder from a backup, or move that file away to go on without those transactions.`,
    )
  }
  copyFileSync(file, `${file}.damaged`)
  return `${path.basename(file)}: ${damage.detail}. A copy was kept as ${path.basename(file)}.damaged.`
}

/** Tells an encrypted from an unencrypted database before SQLite answers 'not a database' to both. */
function refuseForeignFile(file: string, key: string | undefined): void {
  if (key === undefined || !existsSync(file)) return
  const head = readHead(file).toString('latin1')
  if (head === SQLITE_HEADER) {
    throw new AppError(
      'wrong_key',
      'The record is not encrypted, but a key was given. Nothing was changed; leave the key out.',
    )
  }
}

function readHead(file: string): Buffer {
  const head = Buffer.alloc(SQLITE_HEADER.length)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, head, 0, head.length, 0)
  } finally {
    closeSync(descriptor)
  }
  return head
}

/** Brings the schema to the newest version in one transaction; several processes may try at once. */
async function migrate(database: Libsql.Database): Promise<void> {
  for (;;) {
    const version = Number(readPragma(database, 'user_version')[0].user_version)
    if (version === MIGRATIONS.length) return
    if (version > MIGRATIONS.length) {
      throw new AppError(
        'conflict',
        `The record was written by a newer Likeness (schema ${version}, this one knows ${MIGRATIONS.length}). Nothing was changed; use the newer one.`,
      )
    }
    try {
      database.exec('begin immediate')
    } catch (error) {
      if (!isBusy(error)) throw error
      await delay(BUSY_RETRY_MS)
      continue
    }
    try {
      if (Number(readPragma(database, 'user_version')[0].user_version) === version) {
        for (const migration of MIGRATIONS.slice(version)) database.exec(migration)
        database.exec(`pragma user_version = ${MIGRATIONS.length}`)
      }
      database.exec('commit')
    } catch (error) {
      if (database.inTransaction) database.exec('rollback')
      throw error
    }
  }
}

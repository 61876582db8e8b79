import { statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Libsql from 'libsql'
import { AppError } from '../../errors.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { brokenPages, readChecksums, checksumPages, writeChecksums } from './page-checksums.ts'
import { isBusy, isCorrupt } from './storage-errors.ts'
import { createMark, readMark, setMark } from './behind-mark.ts'
import { inspectWal } from './write-ahead-log.ts'

/** How long a checkpoint waits for other processes' transactions to end. */
export const CHECKPOINT_WAIT_LIMIT_MS = 30_000
const RETRY_MS = 10

export interface RecordFiles {
  database: string
  checksums: string
  /** See [Note: checksums behind]. */
  mark: string
}

/** The files of the record's database in a data folder. */
export function recordFiles(dataFolder: string): RecordFiles {
  return {
    database: path.join(dataFolder, 'record.db'),
    checksums: path.join(dataFolder, 'record.seal'),
    mark: path.join(dataFolder, 'record.mark'),
  }
}

export interface CheckpointResult {
  /** Pages copied into the database file. */
  pages: number
  /** Whether the log was also emptied; it is not while another process reads. */
  emptied: boolean
}

/**
 * Copies the write-ahead log into the database file and writes the pages' checksums (see [Note: page checksums]). Runs in a worker
 * thread: it takes as long as the disk does.
 *
 * 1. hold the write lock on one connection, so that nothing is added and nobody else checkpoints;
 * 2. write the numbers of the pages to come as pending; 3. copy, on a second connection; 4. checksums; 5. let go;
 * 6. when asked, empty the log, so that no old version of a row stays in it.
 */
export async function checkpointRecord(
  files: RecordFiles,
  key: string | undefined,
  options: { empty: boolean },
): Promise<CheckpointResult> {
  const holder = openDatabase(files.database, key)
  const copier = openDatabase(files.database, key)
  try {
    await holdWriteLock(holder)
    const version = dataVersion(copier)
    const pageBytes = Number(readPragma(copier, 'page_size')[0].page_size)
    const wal = inspectWal(`${files.database}-wal`)
    const behind = readMark(files.mark) === 'behind'
    const earlier = behind ? undefined : readChecksums(files.checksums)
    const changed = new Set([...wal.pages, ...(earlier?.pending ?? [])])
    if (earlier !== undefined && changed.size > 0)
      writeChecksums(files.checksums, { ...earlier, pending: [...changed] })
    readPragma(copier, 'wal_checkpoint(passive)')
    if (earlier === undefined || changed.size > 0) {
      writeChecksums(files.checksums, checksumPages(files.database, pageBytes, earlier, changed))
    }
    if (behind) setMark(files.mark, false)
    holder.exec('rollback')
    const emptied = options.empty && (await emptyLog(copier))
    if (emptied && dataVersion(copier) !== version) await checksumEverything(holder, files, pageBytes)
    return { pages: changed.size, emptied }
  } finally {
    closeConnection(copier)
    closeConnection(holder)
  }
}

/** Pages of the database file that differ from their checksums; 0 stands for a file that was cut. Undefined when there are none or they are behind. */
export async function checkPages(files: RecordFiles, key: string | undefined): Promise<number[] | undefined> {
  const checksums = readChecksums(files.checksums)
  if (checksums === undefined || readMark(files.mark) === 'behind') return undefined
  let holder: Libsql.Database | undefined
  try {
    holder = openDatabase(files.database, key)
    await holdWriteLock(holder)
    return brokenPages(files.database, readChecksums(files.checksums) ?? checksums)
  } catch (error) {
    // Where SQLite cannot even read the schema, nobody writes, and no lock is needed to say which pages are broken.
    if (!isCorrupt(error)) throw error
    return brokenPages(files.database, checksums)
  } finally {
    if (holder !== undefined) closeConnection(holder)
  }
}

/** Writes the checksums of the database file as it is; for a new record, a new key, or after an examined repair. */
export async function renewChecksums(files: RecordFiles, key: string | undefined): Promise<void> {
  const holder = openDatabase(files.database, key)
  try {
    await checksumEverything(holder, files, Number(readPragma(holder, 'page_size')[0].page_size))
  } finally {
    closeConnection(holder)
  }
}

/** Bytes in the write-ahead log. */
export function logBytes(files: RecordFiles): number {
  return statSync(`${files.database}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

async function checksumEverything(
  holder: Libsql.Database,
  files: RecordFiles,
  pageBytes: number,
): Promise<void> {
  await holdWriteLock(holder)
  writeChecksums(files.checksums, checksumPages(files.database, pageBytes, undefined, new Set()))
  createMark(files.mark)
  holder.exec('rollback')
}

async function holdWriteLock(database: Libsql.Database): Promise<void> {
  const deadline = Date.now() + CHECKPOINT_WAIT_LIMIT_MS
  for (;;) {
    try {
      database.exec('begin immediate')
      return
    } catch (error) {
      if (!isBusy(error)) throw error
      if (Date.now() > deadline) {
        throw new AppError('conflict', 'Another process holds the record; try again when it has ended.', {
          cause: error,
        })
      }
    }
    await delay(RETRY_MS)
  }
}

/** Ends a transaction before closing: a closed connection with live statements keeps its locks until collected. */
function closeConnection(database: Libsql.Database): void {
  if (database.inTransaction) database.exec('rollback')
  database.close()
}

async function emptyLog(database: Libsql.Database): Promise<boolean> {
  const deadline = Date.now() + CHECKPOINT_WAIT_LIMIT_MS
  while (Number(readPragma(database, 'wal_checkpoint(truncate)')[0].busy) !== 0) {
    if (Date.now() > deadline) return false
    await delay(RETRY_MS)
  }
  return true
}

/** Changes when another connection has committed (https://www.sqlite.org/pragma.html#pragma_data_version). */
function dataVersion(database: Libsql.Database): number {
  return Number(readPragma(database, 'data_version')[0].data_version)
}

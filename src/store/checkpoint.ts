import { statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Libsql from 'libsql'
import { AppError } from '../errors.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { brokenPages, readSeal, sealPages, writeSeal } from './page-seal.ts'
import { isBusy, isCorrupt } from './storage-errors.ts'
import { createMark, readMark, setMark } from './unsealed-mark.ts'
import { inspectWal } from './write-ahead-log.ts'

/** How long a checkpoint waits for other processes' transactions to end. */
export const CHECKPOINT_WAIT_LIMIT_MS = 30_000
const RETRY_MS = 10

export interface RecordFiles {
  database: string
  seal: string
  /** See [Note: unsealed mark]. */
  mark: string
}

/** The files of the record's database in a data folder. */
export function recordFiles(dataFolder: string): RecordFiles {
  return {
    database: path.join(dataFolder, 'record.db'),
    seal: path.join(dataFolder, 'record.seal'),
    mark: path.join(dataFolder, 'record.mark'),
  }
}

export interface CheckpointResult {
  /** Pages copied into the database file and sealed. */
  pages: number
  /** Whether the log was also emptied; it is not while another process reads. */
  emptied: boolean
}

/**
 * Copies the write-ahead log into the database file and seals the pages (see [Note: page seal]). Runs in a worker
 * thread: it takes as long as the disk does.
 *
 * 1. hold the write lock on one connection, so that nothing is added and nobody else checkpoints;
 * 2. write the numbers of the pages to come as pending; 3. copy, on a second connection; 4. seal; 5. let go;
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
    const behind = readMark(files.mark) === 'unsealed'
    const earlier = behind ? undefined : readSeal(files.seal)
    const changed = new Set([...wal.pages, ...(earlier?.pending ?? [])])
    if (earlier !== undefined && changed.size > 0)
      writeSeal(files.seal, { ...earlier, pending: [...changed] })
    readPragma(copier, 'wal_checkpoint(passive)')
    if (earlier === undefined || changed.size > 0) {
      writeSeal(files.seal, sealPages(files.database, pageBytes, earlier, changed))
    }
    if (behind) setMark(files.mark, false)
    holder.exec('rollback')
    const emptied = options.empty && (await emptyLog(copier))
    if (emptied && dataVersion(copier) !== version) await sealEverything(holder, files, pageBytes)
    return { pages: changed.size, emptied }
  } finally {
    closeConnection(copier)
    closeConnection(holder)
  }
}

/** Pages of the database file that are not as sealed; 0 stands for a file that was cut. Undefined when there is no seal or it is behind. */
export async function checkSeal(files: RecordFiles, key: string | undefined): Promise<number[] | undefined> {
  const seal = readSeal(files.seal)
  if (seal === undefined || readMark(files.mark) === 'unsealed') return undefined
  let holder: Libsql.Database | undefined
  try {
    holder = openDatabase(files.database, key)
    await holdWriteLock(holder)
    return brokenPages(files.database, readSeal(files.seal) ?? seal)
  } catch (error) {
    // Where SQLite cannot even read the schema, nobody writes, and no lock is needed to say which pages are broken.
    if (!isCorrupt(error)) throw error
    return brokenPages(files.database, seal)
  } finally {
    if (holder !== undefined) closeConnection(holder)
  }
}

/** Seals the database file as it is; for a new record, a new key, or after an examined repair. */
export async function resealRecord(files: RecordFiles, key: string | undefined): Promise<void> {
  const holder = openDatabase(files.database, key)
  try {
    await sealEverything(holder, files, Number(readPragma(holder, 'page_size')[0].page_size))
  } finally {
    closeConnection(holder)
  }
}

/** Bytes in the write-ahead log. */
export function logBytes(files: RecordFiles): number {
  return statSync(`${files.database}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

async function sealEverything(holder: Libsql.Database, files: RecordFiles, pageBytes: number): Promise<void> {
  await holdWriteLock(holder)
  writeSeal(files.seal, sealPages(files.database, pageBytes, undefined, new Set()))
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

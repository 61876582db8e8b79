import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import Libsql from 'libsql'
import { cipherOptions, PAGE_BYTES } from './open-database.ts'
import { isNotDatabase } from './storage-errors.ts'

// Format: https://www.sqlite.org/fileformat2.html#the_rollback_journal
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex')
const JOURNAL_HEADER_BYTES = 28
const RECORDS_AT = 8
const SECTOR_BYTES_AT = 20
const PAGE_NUMBER_BYTES = 4

/**
 * Which of the keys the database is under, or undefined when it is none of them. Nothing is changed.
 *
 * SQLite is never asked with a key that may be wrong: on opening it would undo a transaction that was cut off, or on
 * closing copy its write-ahead log, and would write the first page under that key. So the first page is read with no
 * lock and no log. While a rollback journal waits to be played back, the first page that counts is the one in it.
 * @param keys 64 hex digits each
 */
export function keyOfDatabase(file: string, keys: readonly string[]): string | undefined {
  if (!existsSync(file)) return undefined
  const before = firstPageInJournal(`${file}-journal`)
  if (before === undefined) return keys.find((key) => opens(file, key))
  const folder = mkdtempSync(path.join(tmpdir(), 'likeness-page-'))
  try {
    const lone = path.join(folder, 'page')
    writeFileSync(lone, before)
    // Its header names a number of pages; the file has to be as long.
    truncateSync(lone, statSync(file).size)
    return keys.find((key) => opens(lone, key))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * `immutable`: no lock, no journal, no write-ahead log (https://www.sqlite.org/uri.html#uriimmutable). Any other complaint
 * than of no database is of one that could be deciphered.
 */
function opens(file: string, key: string): boolean {
  const database = new Libsql(`${pathToFileURL(file).href}?immutable=1&mode=ro`, cipherOptions(key))
  try {
    database.prepare('pragma user_version').all()
    return true
  } catch (error) {
    return !isNotDatabase(error)
  } finally {
    database.close()
  }
}

/** Page 1 as it was before the transaction that the journal undoes; undefined when the journal does not hold it. */
function firstPageInJournal(journal: string): Buffer | undefined {
  if (!existsSync(journal)) return undefined
  const header = readBytes(journal, 0, JOURNAL_HEADER_BYTES)
  const isHot =
    header.length === JOURNAL_HEADER_BYTES &&
    header.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC) &&
    header.readUInt32BE(RECORDS_AT) > 0
  if (!isHot) return undefined
  // Both who write one, the change of keys and the change to a write-ahead log, begin with page 1.
  const record = readBytes(journal, header.readUInt32BE(SECTOR_BYTES_AT), PAGE_NUMBER_BYTES + PAGE_BYTES)
  const isFirstPage = record.length === PAGE_NUMBER_BYTES + PAGE_BYTES && record.readUInt32BE(0) === 1
  return isFirstPage ? record.subarray(PAGE_NUMBER_BYTES) : undefined
}

function readBytes(file: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const descriptor = openSync(file, 'r')
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, at))
  } finally {
    closeSync(descriptor)
  }
}

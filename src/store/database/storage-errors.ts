import { AppError, reasonOf } from '../../errors.ts'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26
/** Extended result codes keep the primary code in their low 8 bits. */
const PRIMARY_CODE_MASK = 0xff

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('rawCode' in error) || typeof error.rawCode !== 'number')
    return undefined
  return error.rawCode & PRIMARY_CODE_MASK
}

/** True when another process holds the lock that was asked for; trying again helps. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

/** True when SQLite cannot make sense of the file. */
export function isCorrupt(error: unknown): boolean {
  const code = primaryCode(error)
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

/** True when SQLite sees no database in the file, as under a wrong key. */
export function isNotDatabase(error: unknown): boolean {
  return primaryCode(error) === SQLITE_NOTADB
}

/**
 * Turns what SQLite or the file system throws into an `AppError` that says what happened and what was kept;
 * anything else comes back as it was.
 * @param doing what was being done, as a clause: 'writing the record'
 */
export function toStorageError(error: unknown, doing: string): unknown {
  if (error instanceof AppError) return error
  const cause = { cause: error }
  const fileCode = error instanceof Error && 'code' in error ? String(error.code) : ''
  const code = primaryCode(error)
  const message = reasonOf(error)
  if (
    code === SQLITE_FULL ||
    fileCode === 'ENOSPC' ||
    fileCode === 'EDQUOT' ||
    / os error 28\b/.test(message)
  ) {
    return new AppError(
      'storage_full',
      `The disk is full (${doing}). Everything acknowledged before is kept, this step was undone. Free space and run the same command again.`,
      cause,
    )
  }
  if (code === SQLITE_READONLY || fileCode === 'EROFS' || fileCode === 'EACCES' || fileCode === 'EPERM') {
    return new AppError(
      'storage_read_only',
      `The data folder cannot be written (${doing}). Nothing was changed. Mount it writable or correct its permissions.`,
      cause,
    )
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return new AppError(
      'corrupt_record',
      `The record's database is damaged (${doing}: ${message}). Run \`likeness doctor\` to name the damage; restore it from a backup.`,
      cause,
    )
  }
  if (code === SQLITE_IOERR || code === SQLITE_CANTOPEN) {
    return new AppError(
      'storage_read_only',
      `The record's database could not be read or written (${doing}: ${message}). Nothing acknowledged was lost.`,
      cause,
    )
  }
  if (fileCode === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    return new AppError(
      'internal',
      `A step was undone: it left a reference to nothing, or wrote rows that say who decided what without an event of the audit log after them (${doing}).`,
      cause,
    )
  }
  return error
}

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'

/** Replaces a small file: temporary file, fsync, rename, fsync of the folder. Readers see the old or the new one. */
export function writeFileDurably(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const descriptor = openSync(temporary, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.byteLength;) at += writeSync(descriptor, bytes, at)
    fsyncSync(descriptor)
  } catch (error) {
    closeSync(descriptor)
    rmSync(temporary, { force: true })
    throw error
  }
  closeSync(descriptor)
  renameSync(temporary, file)
  syncFolderNow(path.dirname(file))
}

/**
 * Makes a folder, and those above it that are missing, and makes the name of each durable: a file in a folder whose own name
 * was lost is lost with it.
 */
export async function makeFolderDurably(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const parent of parentsToSync(folder, made)) await syncFolder(parent)
}

/** The same at once, before anything else is done. */
export function makeFolderDurablyNow(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) for (const parent of parentsToSync(folder, made)) syncFolderNow(parent)
}

/**
 * The folder's parent, and of each folder above it that was made. The parent also when nothing was made: another process may
 * have made the folder a moment ago, and not be done with making its name durable.
 */
function parentsToSync(folder: string, firstMade: string | undefined): string[] {
  const top = path.dirname(path.resolve(firstMade ?? folder))
  const parents = [path.dirname(path.resolve(folder))]
  while (parents[0] !== top && parents[0] !== path.dirname(parents[0]))
    parents.unshift(path.dirname(parents[0]))
  return parents
}

/** Makes the names in a folder durable. */
export function syncFolderNow(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes the names in a folder durable, off the event loop. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

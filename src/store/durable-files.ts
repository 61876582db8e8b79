import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
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

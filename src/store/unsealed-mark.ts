import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { writeFileDurably } from './durable-files.ts'

/**
 * [Note: unsealed mark]
 * When the last connection of a process ends without emptying the write-ahead log, SQLite copies the log itself, and
 * the seal knows nothing of it. That happens when sealing failed, above all on a full disk. One byte, written in place
 * because a full disk gives no new blocks, then says that the seal is behind: the next checkpoint seals every page.
 */
const SEALED = '0'
const UNSEALED = '1'

/** Makes the mark's file, so that setting it later needs no space. */
export function createMark(file: string): void {
  writeFileDurably(file, SEALED)
}

/** Whether the seal is behind; `damaged` when the byte is neither of the two. */
export function readMark(file: string): 'sealed' | 'unsealed' | 'damaged' {
  try {
    const text = readFileSync(file, 'latin1')
    if (text === SEALED) return 'sealed'
    return text === UNSEALED ? 'unsealed' : 'damaged'
  } catch {
    return 'damaged'
  }
}

export function setMark(file: string, unsealed: boolean): void {
  const descriptor = openSync(file, 'r+')
  try {
    writeSync(descriptor, unsealed ? UNSEALED : SEALED, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

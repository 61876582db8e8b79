import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { writeFileDurably } from '../vault/durable-files.ts'

/**
 * [Note: checksums behind]
 * When the last connection of a process ends without emptying the write-ahead log, SQLite copies the log itself, and
 * the page checksums know nothing of it. That happens when they could not be written, above all on a full disk. One byte, written in place
 * because a full disk gives no new blocks, then says that they are behind: the next checkpoint reads every page.
 */
const CURRENT = '0'
const BEHIND = '1'

/** Makes the mark's file, so that setting it later needs no space. */
export function createMark(file: string): void {
  writeFileDurably(file, CURRENT)
}

/** Whether the page checksums are behind; `damaged` when the byte is neither of the two. */
export function readMark(file: string): 'current' | 'behind' | 'damaged' {
  try {
    const text = readFileSync(file, 'latin1')
    if (text === CURRENT) return 'current'
    return text === BEHIND ? 'behind' : 'damaged'
  } catch {
    return 'damaged'
  }
}

export function setMark(file: string, isBehind: boolean): void {
  const descriptor = openSync(file, 'r+')
  try {
    writeSync(descriptor, isBehind ? BEHIND : CURRENT, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

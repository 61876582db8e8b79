import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

// Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
const WAL_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC_LITTLE_ENDIAN = 0x377f0682
const MAGIC_BIG_ENDIAN = 0x377f0683

/** What is wrong with a write-ahead log, in words; undefined when every frame up to its end is good. */
export interface WalDamage {
  frame: number
  /** False when a power cut during the last transaction would look the same. */
  certain: boolean
  detail: string
}

export interface WalInspection {
  /** Good frames from the start, up to and including the last commit. */
  committedFrames: number
  /** Pages that those frames change, 1-based. */
  pages: Set<number>
  damage: WalDamage | undefined
}

/**
 * Reads a write-ahead log and says whether SQLite will find all of it.
 *
 * On opening, SQLite stops at the first frame whose checksum is wrong and drops everything behind it without a word:
 * right after a power cut, wrong when a byte of an acknowledged transaction has changed. A killed process leaves
 * whole frames or a cut one. A transaction that was rolled back after some of its frames were written, as on a full
 * disk, leaves frames too; the next one writes over the first of them, and the rest then have wrong checksums. They
 * are no damage: no commit is among them. Any other whole frame with a wrong checksum is worth a word; when more than
 * one commit stands at or behind it, it is damage for certain.
 *
 * Checksums are over the bytes as stored, so this works on encrypted logs without the key.
 */
export function inspectWal(file: string): WalInspection {
  const inspection: WalInspection = { committedFrames: 0, pages: new Set(), damage: undefined }
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return inspection
    throw error
  }
  try {
    const size = fstatSync(descriptor).size
    if (size >= WAL_HEADER_BYTES) inspectFrames(descriptor, size, inspection)
  } finally {
    closeSync(descriptor)
  }
  return inspection
}

interface Sum {
  s0: number
  s1: number
}

/** SQLite's running checksum over 8-byte steps, in the byte order that the log's magic number names. */
function addToSum(sum: Sum, bytes: Buffer, start: number, end: number, bigEndian: boolean): void {
  let { s0, s1 } = sum
  for (let at = start; at < end; at += 8) {
    s0 = ((bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + s0 + s1) >>> 0
    s1 = ((bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + s1 + s0) >>> 0
  }
  sum.s0 = s0
  sum.s1 = s1
}

function inspectFrames(descriptor: number, size: number, inspection: WalInspection): void {
  const header = Buffer.alloc(WAL_HEADER_BYTES)
  readSync(descriptor, header, 0, WAL_HEADER_BYTES, 0)
  const magic = header.readUInt32BE(0)
  const bigEndian = magic === MAGIC_BIG_ENDIAN
  const sum: Sum = { s0: 0, s1: 0 }
  addToSum(sum, header, 0, 24, bigEndian)
  const headerGood =
    (bigEndian || magic === MAGIC_LITTLE_ENDIAN) &&
    sum.s0 === header.readUInt32BE(24) &&
    sum.s1 === header.readUInt32BE(28)
  if (!headerGood) {
    if (size > WAL_HEADER_BYTES) {
      inspection.damage = {
        frame: 0,
        certain: true,
        detail: 'its header is damaged, so all of its transactions would be dropped',
      }
    }
    return
  }
  const pageBytes = header.readUInt32BE(8)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes)
  let pending: number[] = []
  let firstBad: number | undefined
  let commitsLost = 0
  let touched = false
  let hasChangedSalt = false
  let wasCommit = false
  for (let index = 0; ; index++) {
    const at = WAL_HEADER_BYTES + index * frame.length
    if (at + frame.length > size) break
    readSync(descriptor, frame, 0, frame.length, at)
    const sameLog = frame.compare(header, 16, 24, 8, 16) === 0
    const isCommit = frame.readUInt32BE(4) !== 0
    if (firstBad === undefined) {
      const before = { ...sum }
      addToSum(sum, frame, 0, 8, bigEndian)
      addToSum(sum, frame, FRAME_HEADER_BYTES, frame.length, bigEndian)
      const good = sameLog && sum.s0 === frame.readUInt32BE(16) && sum.s1 === frame.readUInt32BE(20)
      if (good) {
        pending.push(frame.readUInt32BE(0))
        if (!isCommit) continue
        for (const page of pending) inspection.pages.add(page)
        inspection.committedFrames = index + 1
        pending = []
        continue
      }
      firstBad = index
      wasCommit = !isCommit && fitsAsCommit(frame, before, bigEndian)
    }
    if (sameLog && isCommit) commitsLost += 1
    const halfSame = frame.compare(header, 16, 20, 8, 12) === 0 || frame.compare(header, 20, 24, 12, 16) === 0
    touched ||= sameLog || halfSame
    hasChangedSalt ||= halfSame && !sameLog
  }
  if (firstBad === undefined || !touched) return
  if (commitsLost === 0 && !hasChangedSalt && !wasCommit) return
  inspection.damage = {
    frame: firstBad + 1,
    certain: commitsLost > 1,
    detail:
      commitsLost > 1
        ? `frame ${firstBad + 1} is damaged, and ${commitsLost} committed transactions at or behind it would be dropped`
        : `frame ${firstBad + 1}, in its last transaction, is damaged: the power was cut while it was written (then nothing acknowledged is lost), or a byte has changed on the disk`,
  }
}

/** Whether the frame would be good if one byte of its commit field were another: then that byte was changed to zero. */
function fitsAsCommit(frame: Buffer, before: Sum, bigEndian: boolean): boolean {
  const tried = Buffer.from(frame)
  for (let at = 4; at < 8; at++) {
    for (let value = 1; value < 256; value++) {
      tried[at] = value
      const sum = { ...before }
      addToSum(sum, tried, 0, 8, bigEndian)
      addToSum(sum, tried, FRAME_HEADER_BYTES, tried.length, bigEndian)
      if (sum.s0 === frame.readUInt32BE(16) && sum.s1 === frame.readUInt32BE(20)) return true
    }
    tried[at] = 0
  }
  return false
}

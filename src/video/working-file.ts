import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { mkdir, open, rm, statfs, type FileHandle } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../errors.ts'
import { toStorageError } from '../store/database/storage-errors.ts'
import type { Store } from '../store/store.ts'

/**
 * [Note: working files]
 * The decoder reads a video by jumping about in a file. A video out of an archive or an encrypted vault is therefore first
 * written out as a working file: plain bytes in a file without a name, which the kernel frees when the last descriptor
 * closes, also after kill -9. For a data folder that is encrypted it stands in memory (/dev/shm), never on a disk, unless
 * the operator names a folder for it in LIKENESS_VIDEO_SCRATCH, which should then lie on an encrypted disk; for one that is
 * not, beside the data.
 */
const MEMORY_FOLDER = '/dev/shm'
/** What is left free where working files stand. */
const KEEP_FREE_BYTES = 256 * 1024 * 1024

/**
 * Writes a video's bytes into a working file.
 * @param maxBytes more are refused
 * @returns the open file and its length; undefined when there are more bytes than `maxBytes`
 * @throws AppError `storage_full` naming the folder when there is no room for them
 */
export async function writeWorkingFile(
  store: Pick<Store, 'dataFolder' | 'encrypted'>,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ file: FileHandle; byteLength: number } | undefined> {
  const folder = await scratchFolder(store)
  const file = await openNameless(folder)
  let isKept = false
  try {
    let byteLength = 0
    let freeBytes = 0
    for await (const chunk of chunks) {
      byteLength += chunk.byteLength
      if (byteLength > maxBytes) return undefined
      if (freeBytes < chunk.byteLength) freeBytes = await roomIn(folder)
      freeBytes -= chunk.byteLength
      await file.write(chunk)
    }
    isKept = true
    return { file, byteLength }
  } catch (error) {
    throw error instanceof AppError ? error : toStorageError(error, 'writing a working file of a video')
  } finally {
    if (!isKept) await file.close()
  }
}

async function scratchFolder({
  dataFolder,
  encrypted,
}: Pick<Store, 'dataFolder' | 'encrypted'>): Promise<string> {
  const named = process.env.LIKENESS_VIDEO_SCRATCH
  if (named !== undefined && named !== '') return path.resolve(named)
  if (!encrypted) {
    const folder = path.join(dataFolder, 'scratch')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  }
  if (existsSync(MEMORY_FOLDER)) return MEMORY_FOLDER
  throw new AppError(
    'storage_full',
    `The data folder is encrypted and ${os.platform()} has no ${MEMORY_FOLDER} for working files of videos. Set LIKENESS_VIDEO_SCRATCH to a folder on an encrypted disk.`,
  )
}

/** An open file without a name where working files stand; whoever asks for it closes it. */
export async function emptyWorkingFile(store: Pick<Store, 'dataFolder' | 'encrypted'>): Promise<FileHandle> {
  const folder = await scratchFolder(store)
  await roomIn(folder)
  return openNameless(folder)
}

async function openNameless(folder: string): Promise<FileHandle> {
  const name = path.join(folder, `likeness-${randomBytes(12).toString('hex')}`)
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    const file = await open(name, flags, 0o600)
    await rm(name)
    return file
  } catch (error) {
    throw toStorageError(error, 'making a working file of a video')
  }
}

/** Bytes that may be written before looking again. @throws AppError `storage_full` */
async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  const room = bavail * bsize - KEEP_FREE_BYTES
  if (room <= 0) {
    throw new AppError(
      'storage_full',
      `There is no room for the working file of a video in ${folder}. Set LIKENESS_VIDEO_SCRATCH to a folder with more room.`,
    )
  }
  return Math.min(room, LOOK_EVERY_BYTES)
}

const LOOK_EVERY_BYTES = 64 * 1024 * 1024

import { constants, open, type FileHandle } from 'node:fs/promises'
import { reasonOf } from '../errors.ts'
import { MAX_ITEM_BYTES } from './limits.ts'
import { archiveRefusal, ARCHIVE_HEAD_BYTES } from './archive-kind.ts'
import { videoItemOf } from '../video/video-item.ts'
import { refusedBytes, type ItemBytes } from './source-item.ts'

/** Megabytes of `MAX_ITEM_BYTES`, for messages. */
const MAX_ITEM_MB = MAX_ITEM_BYTES / 1024 / 1024

/**
 * Reads a file whole, within the limit and without following a link; a video is left open instead. Everything that can be wrong with it is a value.
 */
export async function readFileItem(file: string): Promise<ItemBytes> {
  let handle: FileHandle
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return explain(error)
  }
  let isHandedOn = false
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) return refusedBytes('not_a_file', 'It is not an ordinary file.')
    const video = await videoItemOf(handle)
    if (video !== undefined) {
      isHandedOn = true
      return { ok: true, video }
    }
    const archive = archiveRefusal(await headOf(handle))
    if (archive !== undefined) return { ok: false, refusal: archive }
    if (facts.size > MAX_ITEM_BYTES) return tooManyBytes(facts.size)
    return { ok: true, bytes: await handle.readFile() }
  } catch (error) {
    return explain(error)
  } finally {
    if (!isHandedOn) await handle.close()
  }
}

async function headOf(handle: FileHandle): Promise<Uint8Array> {
  const head = Buffer.alloc(ARCHIVE_HEAD_BYTES)
  const { bytesRead } = await handle.read(head, 0, ARCHIVE_HEAD_BYTES, 0)
  return head.subarray(0, bytesRead)
}

/** Whether the operating system could not do it, rather than a parser: such errors name the call that failed. */
export function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

export function tooManyBytes(bytes: number): ItemBytes {
  const megabytes = Math.ceil(bytes / 1024 / 1024)
  return refusedBytes(
    'too_many_bytes',
    `It has ${megabytes} MB; the limit MAX_ITEM_BYTES is ${MAX_ITEM_MB} MB.`,
  )
}

function explain(error: unknown): ItemBytes {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return refusedBytes('file_not_found', 'There is no such file.')
    case 'EACCES':
    case 'EPERM':
      return refusedBytes('no_permission', 'It may not be read.')
    case 'ELOOP':
      return refusedBytes('link', 'It is a link; links are not followed.')
    default:
      return refusedBytes('read_failed', `It could not be read: ${reasonOf(error)}.`)
  }
}

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { reasonOf } from '../../errors.ts'
import type { UnreadableReason } from '../types.ts'
import { MAX_FILE_BYTES } from './limits.ts'
import type { Refusal } from './opening.ts'

const REASONS: Record<string, { reason: UnreadableReason; detail: string }> = {
  ENOENT: { reason: 'file_not_found', detail: 'there is no such file (any more)' },
  ENOTDIR: { reason: 'file_not_found', detail: 'there is no such file (any more)' },
  EACCES: { reason: 'no_permission', detail: 'no permission to read it' },
  EPERM: { reason: 'no_permission', detail: 'no permission to read it' },
  EISDIR: { reason: 'not_a_file', detail: 'this is a folder' },
  ELOOP: { reason: 'not_a_file', detail: 'its symbolic links lead in a circle' },
}

/** So that opening a pipe nobody writes to does not wait for ever; zero where the system has no such flag. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0

/** Reads a file whole, at most {@link MAX_FILE_BYTES}. What cannot be read is a value that says why. */
export async function readFileBytes(
  path: string,
): Promise<{ outcome: 'bytes'; bytes: Uint8Array } | Refusal> {
  try {
    await using file = await open(path, constants.O_RDONLY | NON_BLOCKING)
    const { size } = await file.stat().then((stats) => {
      if (!stats.isFile())
        throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
      return stats
    })
    if (size > MAX_FILE_BYTES) {
      return {
        outcome: 'unreadable',
        reason: 'too_many_bytes',
        detail: `${size} bytes; at most ${MAX_FILE_BYTES} are read`,
      }
    }
    return { outcome: 'bytes', bytes: await file.readFile() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'ENOTFILE')
      return { outcome: 'unreadable', reason: 'not_a_file', detail: 'this is a device, pipe or socket' }
    const known = REASONS[code] ?? { reason: 'read_failed' as const, detail: reasonOf(error) }
    return { outcome: 'unreadable', ...known }
  }
}

import { open, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { guarded } from './row-file.ts'

/**
 * [Note: erasing in place]
 * A block is overwritten with one whose removed rows are zero. A crash in the middle of that would leave a block that is neither;
 * so the new blocks are first written to a file of their own and fsynced, then put in place and fsynced, then that file goes.
 * Opening finishes what it finds there. The file never holds what was erased.
 */
export const ERASURE_FILE = 'erasure'
/** Before each block: where it goes (float64) and its bytes (uint32). */
const ENTRY_BYTES = 12

/** A block as it lies, or is to lie, in the file of rows. */
export interface PlacedBlock {
  offsetBytes: number
  bytes: Buffer
}

/** Writes the blocks to the folder's erasure file, fsynced when it resolves. */
export async function writeErasure(folder: string, blocks: readonly PlacedBlock[]): Promise<void> {
  const file = path.join(folder, ERASURE_FILE)
  const parts = blocks.flatMap(({ offsetBytes, bytes }) => {
    const head = Buffer.alloc(ENTRY_BYTES)
    head.writeDoubleLE(offsetBytes, 0)
    head.writeUInt32LE(bytes.length, 8)
    return [head, bytes]
  })
  const body = Buffer.concat(parts)
  const end = Buffer.alloc(4)
  end.writeUInt32LE(crc32(body))
  try {
    await guarded(file, async () => {
      await writeFile(file, Buffer.concat([body, end]), { mode: 0o600, flush: true })
      await syncFolder(folder)
    })
  } catch (error) {
    // A part of it would only take room.
    await rm(file, { force: true })
    throw error
  }
}

/** Blocks that a crash kept from being put in place; none when the file is not whole, for then none had been begun. */
export async function readErasure(folder: string): Promise<PlacedBlock[]> {
  const all = await readFile(path.join(folder, ERASURE_FILE)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const body = all.subarray(0, -4)
  if (all.length < 4 || crc32(body) !== all.readUInt32LE(body.length)) return []
  const blocks: PlacedBlock[] = []
  for (let at = 0; at < body.length;) {
    const start = at + ENTRY_BYTES
    const bytes = body.subarray(start, start + body.readUInt32LE(at + 8))
    blocks.push({ offsetBytes: body.readDoubleLE(at), bytes })
    at = start + bytes.length
  }
  return blocks
}

export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

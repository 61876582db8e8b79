import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../errors.ts'
import { ERASURE_FILE, readErasure } from './erasure-file.ts'
import { holdFolder } from './folder-lock.ts'
import { fileExists, guarded, type Damage } from './row-file.ts'
import {
  BLOCK_HEADER_BYTES,
  columnOffsets,
  FILE_HEADER_BYTES,
  identityOf,
  openBlock,
  readBlockHeader,
  type BlockHeader,
  type FileIdentity,
} from './row-format.ts'
import { PARTIAL_FILE, ROWS_FILE } from './row-persistence.ts'

/** A part of a gallery's files that is not what was written. */
export interface GalleryFault extends Omit<Damage, 'droppedBytes'> {
  /** Ids that the part held lie between these two; a header that is not whole leaves only what came before. */
  firstId: number
  lastId: number | undefined
}

/** What a gallery's files hold. */
export interface GalleryCheck {
  /** The label of the templates; undefined when there are no files, or their header is not whole. */
  label: string | undefined
  /** Ids of rows in blocks that are whole, ascending, without removed ones: for comparing with the record. */
  ids: number[]
  /** In the order in which they lie; empty when every byte is what was written. */
  faults: GalleryFault[]
  /** Names of files that a killed process left; the next opening finishes or removes them. */
  leftovers: string[]
}

interface CheckedFile {
  path: string
  handle: FileHandle
  size: number
  /** Blocks that a crash kept from being put in place, by where they go: the next opening does that first. */
  waiting: Map<number, Buffer>
}

/**
 * Reads a gallery's files, checks every byte and changes none of them. Unlike opening, it goes on after a fault, to name all.
 * Opening drops what lies behind the first fault, and the record feeds it again.
 * @param key what the files are encrypted with; undefined when they are not
 * @throws AppError `conflict` while the gallery is open, `wrong_key`
 */
export async function checkGallery(folder: string, key: Uint8Array | undefined): Promise<GalleryCheck> {
  const check: GalleryCheck = { label: undefined, ids: [], faults: [], leftovers: [] }
  if (!(await fileExists(folder))) return check
  const held = await guarded(folder, () => holdFolder(folder)).catch((error: unknown) => {
    // Where nothing can be written, nobody else writes either.
    if (error instanceof AppError && error.code === 'storage_read_only') return undefined
    throw error
  })
  try {
    for (const file of [PARTIAL_FILE, ERASURE_FILE]) {
      if (await fileExists(path.join(folder, file))) check.leftovers.push(path.join(folder, file))
    }
    const rowsPath = path.join(folder, ROWS_FILE)
    if (!(await fileExists(rowsPath))) return check
    const waiting = new Map(
      (await readErasure(folder)).map(({ offsetBytes, bytes }) => [offsetBytes, bytes] as const),
    )
    await using handle = await open(rowsPath, 'r')
    const { size } = await handle.stat()
    await checkRows({ path: rowsPath, handle, size, waiting }, key, check)
    return check
  } finally {
    await held?.release()
  }
}

async function checkRows(file: CheckedFile, key: Uint8Array | undefined, check: GalleryCheck): Promise<void> {
  const fault = (
    offsetBytes: number,
    kind: Damage['kind'],
    reason: string,
    ids: { firstId: number; lastId: number | undefined },
  ): void =>
    void check.faults.push({
      file: file.path,
      offsetBytes,
      kind,
      reason,
      firstId: ids.firstId,
      lastId: ids.lastId,
    })

  const identity = identityOf(await read(file.handle, 0, FILE_HEADER_BYTES), key, file.path)
  if (identity === undefined) {
    fault(0, 'damaged', 'the header of the file is not what was written', { firstId: 1, lastId: undefined })
    return
  }
  check.label = identity.label
  let lastId = 0
  for (let offset = FILE_HEADER_BYTES, number = 0; offset < file.size; number++) {
    const rest = { firstId: lastId + 1, lastId: undefined }
    const { header, headerBytes, encrypted } = await readBlock(file, offset, identity)
    if (header === undefined || header.number !== number || header.firstId <= lastId) {
      const cutOff = file.size - offset < BLOCK_HEADER_BYTES
      if (cutOff) fault(offset, 'unfinished', 'a block header is cut off', rest)
      else fault(offset, 'damaged', 'a block header is not what was written', rest)
      return
    }
    if (encrypted.length < header.payloadBytes) {
      fault(offset, 'unfinished', 'a block is cut off', header)
      return
    }
    const payload = openBlock(headerBytes, header, encrypted, identity)
    if (payload === undefined) fault(offset, 'damaged', 'the checksum of a block is wrong', header)
    else for (const id of idsOf(payload, header.count)) check.ids.push(id)
    lastId = header.lastId
    offset += BLOCK_HEADER_BYTES + header.payloadBytes
  }
}

async function readBlock(
  { handle, waiting }: CheckedFile,
  offset: number,
  identity: FileIdentity,
): Promise<{ header: BlockHeader | undefined; headerBytes: Buffer; encrypted: Buffer }> {
  const bytes = waiting.get(offset)
  const headerBytes =
    bytes?.subarray(0, BLOCK_HEADER_BYTES) ?? (await read(handle, offset, BLOCK_HEADER_BYTES))
  const header = headerBytes.length < BLOCK_HEADER_BYTES ? undefined : readBlockHeader(headerBytes, identity)
  const encrypted =
    bytes?.subarray(BLOCK_HEADER_BYTES) ??
    (await read(handle, offset + BLOCK_HEADER_BYTES, header?.payloadBytes ?? 0))
  return { header, headerBytes, encrypted }
}

/** Ids of a block's rows but those without a scale, which are removed. */
function idsOf(payload: Buffer, count: number): number[] {
  const { scales } = columnOffsets(count)
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => payload.readFloatLE(scales + row * 4) !== 0)
    .map((row) => payload.readDoubleLE(row * 8))
}

/** Fewer bytes at the end of the file. */
async function read(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  const { bytesRead } = await handle.read(buffer, 0, bytes, offset)
  return buffer.subarray(0, bytesRead)
}

import type { FileHandle } from 'node:fs/promises'
import type { Store } from '../store/store.ts'
import { MAX_VIDEO_BYTES } from './limits.ts'
import { CONTAINER_HEAD_BYTES, sniffContainer, type Container } from './sniff-container.ts'
import { writeWorkingFile } from './working-file.ts'

/** A video that is to be taken in: an open file of plain bytes, see [Note: working files]. */
export interface VideoItem {
  container: Container
  byteLength: number
  file: FileHandle
  /** Whether the file is still what it was when it was opened; a source may be written to while it is read. */
  isUnchanged(): Promise<boolean>
  close(): Promise<void>
}

/** Bytes read at once. */
const PIECE_BYTES = 1024 * 1024

/**
 * Takes over an open file when its first bytes are those of a video; undefined, and the file left as it is, otherwise.
 * @param known its container, where more than the first bytes was looked at
 */
export async function videoItemOf(file: FileHandle, known?: Container): Promise<VideoItem | undefined> {
  const head = Buffer.alloc(CONTAINER_HEAD_BYTES)
  const { bytesRead } = await file.read(head, 0, head.length, 0)
  const container = known ?? sniffContainer(head.subarray(0, bytesRead))
  if (container === undefined) return undefined
  const facts = await file.stat({ bigint: true })
  return {
    container,
    byteLength: Number(facts.size),
    file,
    async isUnchanged() {
      const now = await file.stat({ bigint: true })
      return now.size === facts.size && now.mtimeNs === facts.mtimeNs
    },
    close: () => file.close(),
  }
}

/**
 * The same for a stream of bytes out of an archive or an upload: they go into a working file.
 * @returns undefined when there are more bytes than `MAX_VIDEO_BYTES`, or they are no video
 */
export async function videoItemFrom(
  store: Pick<Store, 'dataFolder' | 'encrypted'>,
  chunks: AsyncIterable<Uint8Array>,
  known?: Container,
): Promise<VideoItem | undefined> {
  const written = await writeWorkingFile(store, chunks, MAX_VIDEO_BYTES)
  if (written === undefined) return undefined
  const item = await videoItemOf(written.file, known)
  if (item === undefined) await written.file.close()
  return item
}

/** The file's bytes from the beginning, in pieces. */
export async function* bytesOf({ file }: Pick<VideoItem, 'file'>): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}

import { constants, createGunzip } from 'node:zlib'
import type { ArchiveKind } from '../../store/tables/archive-tables.ts'
import { ByteFeed, fileBytes, type RangedBytes } from './byte-feed.ts'
import { contentKind } from './content-kind.ts'
import { openZipPackage } from './zip-package.ts'

const HEAD_BYTES = 4096
/** Files of a zip that are looked at for the marks of a WACZ. */
const LOOKED_AT_FILES = 2000

/** Which kind of web archive a file is, by its content; undefined when none. Never throws for what is in it. */
export async function detectArchive(file: string): Promise<ArchiveKind | undefined> {
  const bytes = await fileBytes(file)
  try {
    return await detectKind(bytes)
  } finally {
    await bytes.close()
  }
}

export async function detectKind(bytes: RangedBytes): Promise<ArchiveKind | undefined> {
  const feed = new ByteFeed(bytes.read(0))
  const head = Buffer.from(await feed.peek(HEAD_BYTES)).subarray(0, HEAD_BYTES)
  await feed.close()
  const text = head.toString('latin1', 0, 5)
  if (text === 'WARC/') return 'warc'
  if (text.startsWith('\u001f\u008b'))
    return (await beginningOfGzip(head)).startsWith('WARC/') ? 'warc' : undefined
  if (text.startsWith('PK\u0003\u0004')) return (await isWacz(bytes)) ? 'wacz' : undefined
  if (looksLikeMhtml(head)) return 'mhtml'
  return contentKind(withoutMark(head), undefined) === 'html' ? 'saved_page' : undefined
}

/** Text of a page may begin with a byte-order mark. */
function withoutMark(head: Buffer): Buffer {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
}

async function beginningOfGzip(head: Buffer): Promise<string> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  gunzip.on('error', () => undefined)
  gunzip.end(head)
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) return chunk.toString('latin1', 0, 16)
  } catch {
    return ''
  } finally {
    gunzip.destroy()
  }
  return ''
}

async function isWacz(bytes: RangedBytes): Promise<boolean> {
  try {
    const zip = await openZipPackage(bytes)
    return zip.names.slice(0, LOOKED_AT_FILES).some((name) => /^archive\/.*\.warc(\.gz)?$/i.test(name))
  } catch {
    return false
  }
}

/** Whether a file begins as a saved page does: headers of a message that is multipart/related. */
function looksLikeMhtml(head: Buffer): boolean {
  const text = head.toString('latin1', 0, 4096)
  return (
    /^(from|mime-version|content-type|subject|date|snapshot-content-location|x-[\w-]+|message-id):/im.test(
      text.slice(0, 200),
    ) &&
    /^content-type:\s*multipart\/related/im.test(text) &&
    !/^\s*[<{[]/.test(text)
  )
}

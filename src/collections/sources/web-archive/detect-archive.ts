import { open } from 'node:fs/promises'
import { constants, createGunzip } from 'node:zlib'
import yauzl from 'yauzl'
import type { ArchiveKind } from '../../../store/archive-schema.ts'
import { contentKind } from './content-kind.ts'
import { looksLikeMhtml } from './survey-mhtml.ts'

const HEAD_BYTES = 4096
/** Files of a zip that are looked at for the marks of a WACZ. */
const LOOKED_AT_FILES = 2000

/** Which kind of web archive a file is, by its content; undefined when none. Never throws for what is in it. */
export async function detectArchive(file: string): Promise<ArchiveKind | undefined> {
  const head = await headOf(file)
  const text = head.toString('latin1', 0, 5)
  if (text === 'WARC/') return 'warc'
  if (text.startsWith('\u001f\u008b')) return (await beginningOfGzip(head)).startsWith('WARC/') ? 'warc' : undefined
  if (text.startsWith('PK\u0003\u0004')) return (await isWacz(file)) ? 'wacz' : undefined
  if (looksLikeMhtml(head)) return 'mhtml'
  return contentKind(withoutMark(head), undefined) === 'html' ? 'saved_page' : undefined
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
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

async function isWacz(file: string): Promise<boolean> {
  let zip: yauzl.ZipFile | undefined
  try {
    zip = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false })
    let looked = 0
    let hasPackage = false
    let hasWarc = false
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('latin1')
      hasPackage ||= name === 'datapackage.json'
      hasWarc ||= /^archive\/.*\.warc(\.gz)?$/i.test(name)
      if ((hasPackage && hasWarc) || ++looked >= LOOKED_AT_FILES) break
    }
    return hasWarc
  } catch {
    return false
  } finally {
    zip?.close()
  }
}

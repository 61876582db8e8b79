import { promisify } from 'node:util'
import { brotliDecompress, constants, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import { MAX_ITEM_BYTES } from '../limits.ts'
import { MAX_HEADER_BYTES } from './archive-limits.ts'

/** The head of an HTTP response inside a record, and where its body begins. */
export interface HttpHead {
  status: number
  /** In their order, names as written. */
  headers: [string, string][]
  bodyAt: number
}

const MAX_HEADERS = 500

/** Undefined when the block is no HTTP response. @param block its beginning, at most `MAX_HEADER_BYTES` of it are looked at */
export function parseHttpHead(block: Buffer): HttpHead | undefined {
  const head = block.subarray(0, MAX_HEADER_BYTES)
  if (head.toString('latin1', 0, 5).toUpperCase() !== 'HTTP/') return undefined
  const crlf = head.indexOf('\r\n\r\n', 0, 'latin1')
  const lf = head.indexOf('\n\n', 0, 'latin1')
  const end = crlf >= 0 && (lf < 0 || crlf < lf) ? crlf : lf
  if (end < 0) return undefined
  const [statusLine, ...lines] = head.toString('utf8', 0, end).split(/\r?\n/)
  const status = Number(/^HTTP\/[\d.]+\s+(\d{3})/i.exec(statusLine)?.[1] ?? Number.NaN)
  const headers = lines.slice(0, MAX_HEADERS).flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    return colon <= 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]]
  })
  return { status: Number.isNaN(status) ? 0 : status, headers, bodyAt: end + (end === crlf ? 4 : 2) }
}

export function headerOf(headers: readonly (readonly [string, string])[], name: string): string | undefined {
  return headers.find(([written]) => written.toLowerCase() === name)?.[1]
}

/** Bodies of one response as they may have been hashed and must be shown. */
export interface DecodedBody {
  /** Without transfer encoding. */
  plainTransfer: Buffer
  /** Without content encoding too: what the browser showed. */
  content: Buffer
}

/**
 * Undoes transfer and content encoding. Writers of archives often undo one of them and keep the header: what does not
 * decode is taken as it is.
 * @param isWhole false for the beginning of a body: as much of it as can be decoded
 */
export async function decodeBody(
  body: Buffer,
  headers: readonly (readonly [string, string])[],
  isWhole: boolean,
): Promise<DecodedBody> {
  const isChunked = /chunked/i.test(headerOf(headers, 'transfer-encoding') ?? '')
  const plainTransfer = (isChunked ? dechunk(body, isWhole) : undefined) ?? body
  const encodings = (headerOf(headers, 'content-encoding') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  let content = plainTransfer
  for (const encoding of encodings.toReversed())
    content = (await decompress(content, encoding, isWhole)) ?? content
  return { plainTransfer, content }
}

/** RFC 9112, section 7.1. Undefined when it is not chunked after all. */
export function dechunk(body: Buffer, isWhole: boolean): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = 0; at < body.byteLength;) {
    const lineEnd = body.indexOf('\r\n', at, 'latin1')
    const size =
      lineEnd < 0 || lineEnd - at > 1024
        ? undefined
        : /^([0-9a-f]{1,8})\s*(;.*)?$/i.exec(body.toString('latin1', at, lineEnd))
    if (size === undefined || size === null)
      return !isWhole && parts.length > 0 ? Buffer.concat(parts) : undefined
    const length = Number.parseInt(size[1], 16)
    if (length === 0) return Buffer.concat(parts)
    const from = lineEnd + 2
    parts.push(body.subarray(from, from + length))
    at = from + length + 2
  }
  return isWhole ? undefined : Buffer.concat(parts)
}

async function decompress(body: Buffer, encoding: string, isWhole: boolean): Promise<Buffer | undefined> {
  const limits = { maxOutputLength: MAX_ITEM_BYTES }
  const soft = isWhole ? {} : { finishFlush: constants.Z_SYNC_FLUSH }
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return await promisify(gunzip)(body, { ...limits, ...soft })
      case 'deflate':
        return await promisify(inflate)(body, { ...limits, ...soft }).catch(() =>
          promisify(inflateRaw)(body, { ...limits, ...soft }),
        )
      case 'br':
        return await promisify(brotliDecompress)(body, {
          ...limits,
          ...(isWhole ? {} : { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
        })
      case 'zstd':
        return await promisify(zstdDecompress)(body, {
          ...limits,
          ...(isWhole ? {} : { finishFlush: constants.ZSTD_e_flush }),
        })
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

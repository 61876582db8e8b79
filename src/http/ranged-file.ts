import { addAbortSignal, Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** A file that is sent in the pieces that the request asks for (RFC 9110, section 14). */
export class RangedFile {
  readonly type: string
  readonly byteLength: number
  /** Changes with the bytes: a player that goes on later is not given pieces of two files. */
  readonly tag: string
  readonly read: (start: number, end: number) => AsyncIterable<Uint8Array>
  readonly range: string | undefined

  constructor(
    file: {
      type: string
      byteLength: number
      tag: string
      read: (start: number, end: number) => AsyncIterable<Uint8Array>
    },
    /** The request's `Range` header. */
    range: string | undefined,
  ) {
    this.type = file.type
    this.byteLength = file.byteLength
    this.tag = file.tag
    this.read = file.read
    this.range = range
  }
}

/** Most bytes of one answer: a player that wants more asks again, and a cut-off reaches it there. */
const MAX_PIECE_BYTES = 4 * 1024 * 1024

/**
 * Sends the piece that was asked for, or the whole file. Of several ranges the first one is sent.
 * @param access what is still being sent ends with it
 */
export function sendRanged(
  reply: FastifyReply,
  file: RangedFile,
  access: AbortSignal | undefined,
): FastifyReply {
  const piece = (start: number, end: number): Readable => {
    const bytes = Readable.from(file.read(start, end), { objectMode: false })
    return access === undefined ? bytes : addAbortSignal(access, bytes)
  }
  reply.header('accept-ranges', 'bytes').header('etag', `"${file.tag}"`).type(file.type)
  const asked = rangeOf(file.range, file.byteLength)
  if (asked === undefined) {
    reply.header('content-length', file.byteLength)
    return reply.send(piece(0, file.byteLength))
  }
  if (asked === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${file.byteLength}`).send('')
  }
  const end = Math.min(asked.end, asked.start + MAX_PIECE_BYTES)
  reply
    .code(206)
    .header('content-range', `bytes ${asked.start}-${end - 1}/${file.byteLength}`)
    .header('content-length', end - asked.start)
  return reply.send(piece(asked.start, end))
}

/** @returns `end` itself left out; undefined: the whole file */
function rangeOf(
  header: string | undefined,
  byteLength: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [first, last] = [match[1], match[2]].map((digits) => (digits === '' ? undefined : Number(digits)))
  const start = first ?? Math.max(0, byteLength - last!)
  const end = first === undefined || last === undefined ? byteLength : Math.min(byteLength, last + 1)
  return start < end && start < byteLength ? { start, end } : 'unsatisfiable'
}

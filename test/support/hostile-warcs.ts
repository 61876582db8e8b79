import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** One record with whatever is wrong with it. @param claimedBytes its length, when that should be a lie */
export function warcRecord(
  url: string,
  body: Buffer,
  {
    type = 'resource',
    claimedBytes,
    extra = '',
  }: { type?: string; claimedBytes?: number; extra?: string } = {},
): Buffer {
  const digest = createHash('sha256').update(body).digest('hex')
  const head = [
    'WARC/1.1',
    `WARC-Type: ${type}`,
    `WARC-Target-URI: ${url}`,
    'WARC-Date: 2024-03-01T12:00:00Z',
    `WARC-Record-ID: <urn:uuid:${digest.slice(0, 8)}-0000-4000-8000-${digest.slice(8, 20)}>`,
    `WARC-Payload-Digest: sha256:${digest}`,
    `Content-Length: ${claimedBytes ?? body.byteLength}`,
    ...(extra === '' ? [] : [extra]),
    '',
    '',
  ].join('\r\n')
  return Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n\r\n')])
}

/** A gzip member that inflates to this many zero bytes. */
export function gzipBomb(megabytes: number): Buffer {
  const zeros = Buffer.alloc(megabytes * 1024 * 1024)
  return gzipSync(
    Buffer.concat([
      Buffer.from(`WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: ${zeros.byteLength}\r\n\r\n`),
      zeros,
    ]),
    { level: 9 },
  )
}

/** Numbers that are the same each time (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The file with something changed in it: bytes, digits of lengths, parts cut out, doubled or moved. */
export function mutated(file: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(file)
  const at = Math.floor(next() * copy.byteLength)
  const length = Math.min(1 + Math.floor(next() ** 3 * 4096), copy.byteLength - at)
  switch (Math.floor(next() * 7)) {
    case 0:
      for (let times = 0; times < 1 + next() * 8; times++)
        copy[Math.floor(next() * copy.byteLength)] ^= 1 << Math.floor(next() * 8)
      return copy
    case 1:
      return copy.subarray(0, at)
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)])
    case 3:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)])
    case 4: {
      const digit = copy.indexOf('Content-Length: ', at, 'latin1')
      if (digit >= 0) copy[digit + 16] = 0x30 + Math.floor(next() * 10)
      else copy[at] = 0xff
      return copy
    }
    case 5:
      copy.fill(Math.floor(next() * 256), at, at + length)
      return copy
    default: {
      const other = Math.floor(next() * copy.byteLength)
      copy.copyWithin(at, other, other + length)
      return copy
    }
  }
}

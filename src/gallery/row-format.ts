import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { AppError } from '../errors.ts'

/**
 * [Note: the row file]
 * Little endian. A file begins with 512 bytes: magic, version, template length, whether it is encrypted, label (length, UTF-8),
 * at the end the CRC-32 of what is before. Then blocks: 64 bytes of header (magic, number, count, payload bytes, first and last
 * id, nonce, CRC-32 of the payload as it lies there, at the end the CRC-32 of the header) and the payload. With a key, payloads
 * are AES-256-GCM with a fresh random nonce each time one is written, the header's first 48 bytes as additional data and
 * the tag at the end; ids and counts stay readable.
 */
export const FILE_HEADER_BYTES = 512
export const BLOCK_HEADER_BYTES = 64

const FILE_MAGIC = Buffer.from('LIKEROWS')
const FORMAT_VERSION = 1
const BLOCK_MAGIC = 0x4b4c424c
const NONCE_BYTES = 12
const TAG_BYTES = 16
const AUTHENTICATED_BYTES = 48
const LONGEST_LABEL_BYTES = 256
const FILE_FIELDS = { version: 8, length: 12, encrypted: 16, labelBytes: 20, label: 24 } as const
const BLOCK_FIELDS = {
  number: 4,
  count: 8,
  payload: 12,
  firstId: 16,
  lastId: 24,
  nonce: 32,
  crc: 48,
} as const

/** What a file must be to be used: rows of another label or length are never mixed. */
export interface FileIdentity {
  /** Names what templates can be compared with each other: model pack and pipeline version. */
  label: string
  templateLength: number
  /** 32 bytes; undefined for files that are not encrypted. */
  key: Uint8Array | undefined
}

export interface BlockHeader {
  /** Blocks are numbered from 0. */
  number: number
  count: number
  firstId: number
  lastId: number
  /** Bytes after the header, with a tag when encrypted. */
  payloadBytes: number
}

export function writeFileHeader({ label, templateLength, key }: FileIdentity): Buffer {
  const labelBytes = Buffer.from(label)
  if (labelBytes.length > LONGEST_LABEL_BYTES) {
    throw new AppError(
      'bad_input',
      `Expected at most ${LONGEST_LABEL_BYTES} bytes for label, received ${labelBytes.length}.`,
    )
  }
  const header = Buffer.alloc(FILE_HEADER_BYTES)
  FILE_MAGIC.copy(header)
  header.writeUInt32LE(FORMAT_VERSION, FILE_FIELDS.version)
  header.writeUInt32LE(templateLength, FILE_FIELDS.length)
  header.writeUInt32LE(key === undefined ? 0 : 1, FILE_FIELDS.encrypted)
  header.writeUInt32LE(labelBytes.length, FILE_FIELDS.labelBytes)
  labelBytes.copy(header, FILE_FIELDS.label)
  header.writeUInt32LE(crc32(header.subarray(0, -4)), FILE_HEADER_BYTES - 4)
  return header
}

/**
 * What the file is, with the key it is read with; undefined when the header is not whole.
 * @throws AppError `wrong_key` for a missing key, or one that is not needed
 */
export function identityOf(
  header: Buffer,
  key: Uint8Array | undefined,
  file: string,
): FileIdentity | undefined {
  if (header.length < FILE_HEADER_BYTES) return undefined
  if (!header.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC)) return undefined
  if (crc32(header.subarray(0, -4)) !== header.readUInt32LE(FILE_HEADER_BYTES - 4)) return undefined
  const encrypted = header.readUInt32LE(FILE_FIELDS.encrypted) === 1
  if (encrypted !== (key !== undefined)) {
    const which = encrypted ? 'is encrypted and no key was given' : 'is not encrypted but a key was given'
    throw new AppError('wrong_key', `The gallery file ${file} ${which}.`)
  }
  const labelBytes = header.readUInt32LE(FILE_FIELDS.labelBytes)
  const label = header.toString('utf8', FILE_FIELDS.label, FILE_FIELDS.label + labelBytes)
  return { label, templateLength: header.readUInt32LE(FILE_FIELDS.length), key }
}

/** False when it is not whole; AppError `conflict` when it is whole and of something else, `wrong_key` as `identityOf`. */
export function readFileHeader(header: Buffer, identity: FileIdentity, file: string): boolean {
  if (identityOf(header, identity.key, file) === undefined) return false
  if (!header.equals(writeFileHeader(identity))) {
    throw new AppError(
      'conflict',
      `The gallery file ${file} holds templates of another model or format than ${identity.label}; remove it to rebuild it.`,
    )
  }
  return true
}

/** A block's bytes: header and payload, encrypted when there is a key. */
export function encodeBlock(
  block: Omit<BlockHeader, 'payloadBytes'>,
  payload: Buffer,
  { key }: FileIdentity,
): Buffer {
  const payloadBytes = payload.length + (key === undefined ? 0 : TAG_BYTES)
  const bytes = Buffer.alloc(BLOCK_HEADER_BYTES + payloadBytes)
  bytes.writeUInt32LE(BLOCK_MAGIC, 0)
  bytes.writeUInt32LE(block.number, BLOCK_FIELDS.number)
  bytes.writeUInt32LE(block.count, BLOCK_FIELDS.count)
  bytes.writeUInt32LE(payloadBytes, BLOCK_FIELDS.payload)
  bytes.writeDoubleLE(block.firstId, BLOCK_FIELDS.firstId)
  bytes.writeDoubleLE(block.lastId, BLOCK_FIELDS.lastId)
  if (key === undefined) {
    payload.copy(bytes, BLOCK_HEADER_BYTES)
  } else {
    const nonce = randomBytes(NONCE_BYTES)
    nonce.copy(bytes, BLOCK_FIELDS.nonce)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(bytes.subarray(0, AUTHENTICATED_BYTES))
    Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]).copy(
      bytes,
      BLOCK_HEADER_BYTES,
    )
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(BLOCK_HEADER_BYTES)), BLOCK_FIELDS.crc)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, BLOCK_HEADER_BYTES - 4)), BLOCK_HEADER_BYTES - 4)
  return bytes
}

/** Undefined when the header is not whole. */
export function readBlockHeader(bytes: Buffer, { key }: FileIdentity): BlockHeader | undefined {
  if (bytes.readUInt32LE(0) !== BLOCK_MAGIC) return undefined
  if (crc32(bytes.subarray(0, BLOCK_HEADER_BYTES - 4)) !== bytes.readUInt32LE(BLOCK_HEADER_BYTES - 4))
    return undefined
  const header = {
    number: bytes.readUInt32LE(BLOCK_FIELDS.number),
    count: bytes.readUInt32LE(BLOCK_FIELDS.count),
    firstId: bytes.readDoubleLE(BLOCK_FIELDS.firstId),
    lastId: bytes.readDoubleLE(BLOCK_FIELDS.lastId),
    payloadBytes: bytes.readUInt32LE(BLOCK_FIELDS.payload),
  }
  return header.count > 0 && header.payloadBytes >= (key === undefined ? 0 : TAG_BYTES) ? header : undefined
}

/**
 * The payload, or undefined when it is not what was written.
 * @throws AppError `wrong_key` when the bytes are what was written but the key does not open them
 */
export function openBlock(
  headerBytes: Buffer,
  header: BlockHeader,
  encrypted: Buffer,
  { key }: FileIdentity,
): Buffer | undefined {
  if (crc32(encrypted) !== headerBytes.readUInt32LE(BLOCK_FIELDS.crc)) return undefined
  if (key === undefined) return encrypted
  const nonce = headerBytes.subarray(BLOCK_FIELDS.nonce, BLOCK_FIELDS.nonce + NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(headerBytes.subarray(0, AUTHENTICATED_BYTES))
  decipher.setAuthTag(encrypted.subarray(header.payloadBytes - TAG_BYTES))
  try {
    return Buffer.concat([
      decipher.update(encrypted.subarray(0, header.payloadBytes - TAG_BYTES)),
      decipher.final(),
    ])
  } catch (cause) {
    throw new AppError('wrong_key', 'The key does not open the gallery files.', { cause })
  }
}

/** Where the columns of a block's payload begin: ids, scales, days, tags, int8 templates. */
export function columnOffsets(count: number): { scales: number; days: number; tags: number; int8: number } {
  return { scales: count * 8, days: count * 12, tags: count * 16, int8: count * 18 }
}

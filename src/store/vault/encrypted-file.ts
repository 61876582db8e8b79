import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

/**
 * [Note: encrypted file]
 * An encrypted original. All numbers little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `LKMEDIA2` |
 * | 8 | id of the data key |
 * | 32 | random salt |
 * | 8 | length of the original |
 * | 32 + 16 | SHA-256 of the original, AES-256-GCM ciphertext and tag |
 * | n x (up to 65536 + 16) | chunks: AES-256-GCM ciphertext and tag |
 *
 * Each file has its own key: HKDF-SHA256 of the vault's key with the salt and, as info, the header before the hash. A
 * changed header gives another key, so every tag fails: the header is authenticated by them. The nonce of a chunk is its
 * number, that of the hash the last there is; no key is used twice, so no nonce is. Length and numbers make cut, swapped
 * or repeated chunks fail as well. Memory stays at one chunk. Who has no key learns of a known photo no more than whether
 * one of its length is there.
 *
 * Files of before say `LKMEDIA1`, and their hash stands in the open, before the length. They are read; a change of keys
 * writes them anew.
 */
const MAGIC = Buffer.from('LKMEDIA2')
const MAGIC_OPEN_HASH = Buffer.from('LKMEDIA1')
const SALT_AT = 16
const SALT_END = 48
const LENGTH_BYTES = 8
const HASH_BYTES = 32
const TAG_BYTES = 16
const NONCE_BYTES = 12
const HASH_NONCE = Buffer.alloc(NONCE_BYTES, 0xff)
const HASH_AT = SALT_END + LENGTH_BYTES
export const ENCRYPTED_HEADER_BYTES = HASH_AT + HASH_BYTES + TAG_BYTES
const OPEN_HASH_HEADER_BYTES = SALT_END + HASH_BYTES + LENGTH_BYTES
export const CHUNK_BYTES = 65_536

/** Keys of the vault by the data key's id (16 hex digits). */
export type VaultKeys = ReadonlyMap<string, Uint8Array>

/** Thrown inside the store when a file is not what was written; the vault says which one. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
}

/** What a encrypted file says of itself. */
export interface EncryptedHeader {
  keyId: string
  sha256: string
  /** Of the original. */
  byteLength: number
  /** Of this file alone, 32 bytes. */
  key: Uint8Array
  /** Where the chunks begin. */
  bytes: number
  /** Whether the hash stands in the open, as it did before. */
  hasOpenHash: boolean
}

/** Writes the original encrypted; the caller syncs. @param chunks the original in pieces of any size */
export async function writeEncrypted(
  file: FileHandle,
  original: { sha256: string; byteLength: number; chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> },
  keyId: string,
  vaultKey: Uint8Array,
): Promise<void> {
  const start = Buffer.alloc(HASH_AT)
  MAGIC.copy(start)
  start.write(keyId, MAGIC.length, 'hex')
  randomBytes(SALT_END - SALT_AT).copy(start, SALT_AT)
  start.writeBigUInt64LE(BigInt(original.byteLength), SALT_END)
  const key = fileKey(vaultKey, start)
  const cipher = createCipheriv('aes-256-gcm', key, HASH_NONCE)
  const hash = Buffer.concat([cipher.update(original.sha256, 'hex'), cipher.final(), cipher.getAuthTag()])
  await file.write(Buffer.concat([start, hash]))
  let number = 0
  for await (const piece of inChunks(original.chunks)) {
    const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(number++))
    await file.write(Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]))
  }
}

/**
 * The original of a encrypted file, or its bytes from `start` up to `end`, chunk by chunk, each authenticated before it is given.
 * @throws DamagedFile when any byte differs; AppError `wrong_key` when its data key is not in the keyring
 */
export async function* readEncrypted(
  file: FileHandle,
  sha256: string,
  keys: VaultKeys,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const { key, byteLength, bytes } = await openEncrypted(file, sha256, keys)
  const chunks = Math.ceil(byteLength / CHUNK_BYTES)
  for (let number = Math.floor(start / CHUNK_BYTES); number < chunks; number++) {
    const from = number * CHUNK_BYTES
    if (from >= end) return
    const length = Math.min(CHUNK_BYTES, byteLength - from) + TAG_BYTES
    const at = bytes + number * (CHUNK_BYTES + TAG_BYTES)
    const chunk = openChunk(await readExactly(file, length, at), key, number)
    yield chunk.subarray(Math.max(0, start - from), Math.min(chunk.byteLength, end - from))
  }
}

/** @throws DamagedFile when it is none; AppError `wrong_key` when its data key is not in the keyring */
export async function readEncryptedHeader(file: FileHandle, keys: VaultKeys): Promise<EncryptedHeader> {
  const start = await readExactly(file, HASH_AT, 0)
  const magic = start.subarray(0, MAGIC.length)
  const hasOpenHash = magic.equals(MAGIC_OPEN_HASH)
  if (!hasOpenHash && !magic.equals(MAGIC)) throw new DamagedFile('its header is damaged')
  const keyId = start.toString('hex', MAGIC.length, SALT_AT)
  const vaultKey = keys.get(keyId)
  if (vaultKey === undefined) {
    throw new AppError(
      'wrong_key',
      `It is encrypted with a data key (${keyId}) that this folder's keys.json does not hold, or its header is damaged.`,
    )
  }
  if (hasOpenHash) {
    const whole = await readExactly(file, OPEN_HASH_HEADER_BYTES, 0)
    const hashEnd = SALT_END + HASH_BYTES
    return {
      keyId,
      sha256: whole.toString('hex', SALT_END, hashEnd),
      byteLength: Number(whole.readBigUInt64LE(hashEnd)),
      key: fileKey(vaultKey, whole),
      bytes: OPEN_HASH_HEADER_BYTES,
      hasOpenHash,
    }
  }
  const key = fileKey(vaultKey, start)
  const hash = open(await readExactly(file, HASH_BYTES + TAG_BYTES, HASH_AT), key, HASH_NONCE)
  if (hash === undefined) throw new DamagedFile('its header is damaged')
  const byteLength = Number(start.readBigUInt64LE(SALT_END))
  return { keyId, sha256: hash.toString('hex'), byteLength, key, bytes: ENCRYPTED_HEADER_BYTES, hasOpenHash }
}

/** Checks whose file it is and its length, and takes its key. */
async function openEncrypted(file: FileHandle, sha256: string, keys: VaultKeys): Promise<EncryptedHeader> {
  const header = await readEncryptedHeader(file, keys)
  if (header.sha256 !== sha256) throw new DamagedFile('its header is damaged or belongs to another file')
  const { size } = await file.stat()
  const chunks = Math.ceil(header.byteLength / CHUNK_BYTES)
  if (size !== header.bytes + header.byteLength + chunks * TAG_BYTES)
    throw new DamagedFile('its length is wrong')
  return header
}

/** Bytes of a file in chunks, for originals that are not encrypted. */
export async function* readPlain(
  file: FileHandle,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, end - at), at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** Gives the chunks through and throws `DamagedFile` at the end when their SHA-256 is another. */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const sum = createHash('sha256')
  for await (const chunk of chunks) {
    sum.update(chunk)
    yield chunk
  }
  if (sum.digest('hex') !== sha256) throw new DamagedFile('its SHA-256 is not the one it is named by')
}

function openChunk(encrypted: Buffer, key: Uint8Array, number: number): Uint8Array {
  const chunk = open(encrypted, key, chunkNonce(number))
  if (chunk === undefined) throw new DamagedFile(`chunk ${number + 1} is damaged`)
  return chunk
}

/** Ciphertext with its tag at the end, decrypted; undefined when a byte of it is not what was written. */
function open(encrypted: Buffer, key: Uint8Array, nonce: Uint8Array): Buffer | undefined {
  const tagAt = encrypted.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(encrypted.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(0, tagAt)), decipher.final()])
  } catch {
    return undefined
  }
}

function fileKey(vaultKey: Uint8Array, header: Buffer): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', vaultKey, header.subarray(SALT_AT, SALT_END), header, 32))
}

function chunkNonce(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32LE(number)
  return nonce
}

async function readExactly(file: FileHandle, length: number, at: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  if (bytesRead !== length) throw new DamagedFile('it was cut short')
  return buffer
}

/** Cuts or joins pieces of any size to chunks of exactly `CHUNK_BYTES`, the last one shorter. */
async function* inChunks(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const piece of pieces) {
    let rest = piece
    while (heldBytes + rest.byteLength >= CHUNK_BYTES) {
      const take = CHUNK_BYTES - heldBytes
      yield Buffer.concat([...held, rest.subarray(0, take)])
      held = []
      heldBytes = 0
      rest = rest.subarray(take)
    }
    if (rest.byteLength > 0) {
      held.push(rest)
      heldBytes += rest.byteLength
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../errors.ts'

/**
 * [Note: sealed file]
 * An encrypted original. All numbers little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `LKMEDIA1` |
 * | 8 | id of the data key |
 * | 32 | random salt |
 * | 32 | SHA-256 of the original |
 * | 8 | length of the original |
 * | n x (up to 65536 + 16) | chunks: AES-256-GCM ciphertext and tag |
 *
 * Each file has its own key: HKDF-SHA256 of the vault's key with the salt and, as info, the whole header. A changed
 * header gives another key, so every tag fails: the header is authenticated without a tag of its own. The nonce of a
 * chunk is its number; no key is used twice, so no nonce is. Length and numbers make cut, swapped or repeated chunks
 * fail as well. Memory stays at one chunk.
 */
const MAGIC = Buffer.from('LKMEDIA1')
const SALT_AT = 16
const HASH_AT = 48
const LENGTH_AT = 80
export const SEALED_HEADER_BYTES = 88
export const CHUNK_BYTES = 65_536
const TAG_BYTES = 16
const NONCE_BYTES = 12

/** Keys of the vault by the data key's id (16 hex digits). */
export type VaultKeys = ReadonlyMap<string, Uint8Array>

/** Thrown inside the store when a file is not what was written; the vault says which one. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
}

/** Whether a file with these first bytes is a sealed one. */
export function isSealed(head: Uint8Array): boolean {
  return Buffer.compare(head.subarray(0, MAGIC.length), MAGIC) === 0
}

/** Id of the data key that a sealed file's header names. */
export function sealedKeyId(head: Uint8Array): string {
  return Buffer.from(head.subarray(MAGIC.length, SALT_AT)).toString('hex')
}

/** Writes the original sealed; the caller syncs. @param chunks the original in pieces of any size */
export async function writeSealed(
  file: FileHandle,
  original: { sha256: string; byteLength: number; chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> },
  keyId: string,
  vaultKey: Uint8Array,
): Promise<void> {
  const header = Buffer.alloc(SEALED_HEADER_BYTES)
  MAGIC.copy(header)
  header.write(keyId, MAGIC.length, 'hex')
  randomBytes(32).copy(header, SALT_AT)
  header.write(original.sha256, HASH_AT, 'hex')
  header.writeBigUInt64LE(BigInt(original.byteLength), LENGTH_AT)
  await file.write(header)
  const key = fileKey(vaultKey, header)
  let number = 0
  for await (const piece of inChunks(original.chunks)) {
    const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(number++))
    await file.write(Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]))
  }
}

/**
 * The original of a sealed file, chunk by chunk, each authenticated before it is given.
 * @throws DamagedFile when any byte differs; AppError `wrong_key` when its data key is not in the keyring
 */
export async function* readSealed(
  file: FileHandle,
  sha256: string,
  keys: VaultKeys,
): AsyncGenerator<Uint8Array> {
  const { key, byteLength } = await openSealed(file, sha256, keys)
  const chunks = Math.ceil(byteLength / CHUNK_BYTES)
  for (let number = 0; number < chunks; number++) yield chunkAt(file, key, byteLength, number)
}

/** Bytes of a sealed file from an offset on, each chunk authenticated; fewer at its end. @throws as `readSealed` */
export async function readSealedRange(
  file: FileHandle,
  sha256: string,
  keys: VaultKeys,
  from: number,
  length: number,
): Promise<Uint8Array> {
  const { key, byteLength } = await openSealed(file, sha256, keys)
  const end = Math.min(from + length, byteLength)
  const parts: Uint8Array[] = []
  for (let number = Math.floor(from / CHUNK_BYTES); number * CHUNK_BYTES < end; number++) {
    const at = number * CHUNK_BYTES
    parts.push((await chunkAt(file, key, byteLength, number)).subarray(Math.max(0, from - at), end - at))
  }
  return Buffer.concat(parts)
}

async function openSealed(
  file: FileHandle,
  sha256: string,
  keys: VaultKeys,
): Promise<{ key: Uint8Array; byteLength: number }> {
  const header = await readExactly(file, SEALED_HEADER_BYTES, 0)
  const vaultKey = keys.get(sealedKeyId(header))
  if (vaultKey === undefined) {
    if (isSealed(header) && header.toString('hex', HASH_AT, LENGTH_AT) === sha256) {
      throw new AppError(
        'wrong_key',
        `Media ${sha256.slice(0, 12)} is encrypted with a data key (${sealedKeyId(header)}) that this folder's keys.json does not hold, or its header is damaged.`,
      )
    }
    throw new DamagedFile('its header is damaged')
  }
  if (!isSealed(header) || header.toString('hex', HASH_AT, LENGTH_AT) !== sha256) {
    throw new DamagedFile('its header is damaged or belongs to another file')
  }
  const byteLength = Number(header.readBigUInt64LE(LENGTH_AT))
  const { size } = await file.stat()
  const chunks = Math.ceil(byteLength / CHUNK_BYTES)
  if (size !== SEALED_HEADER_BYTES + byteLength + chunks * TAG_BYTES)
    throw new DamagedFile('its length is wrong')
  return { key: fileKey(vaultKey, header), byteLength }
}

async function chunkAt(
  file: FileHandle,
  key: Uint8Array,
  byteLength: number,
  number: number,
): Promise<Uint8Array> {
  const length = Math.min(CHUNK_BYTES, byteLength - number * CHUNK_BYTES) + TAG_BYTES
  const at = SEALED_HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES)
  return openChunk(await readExactly(file, length, at), key, number)
}

/** Bytes of a file in chunks, for originals that are not encrypted. */
export async function* readPlain(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at)
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

function openChunk(sealed: Buffer, key: Uint8Array, number: number): Uint8Array {
  const tagAt = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, chunkNonce(number)).setAuthTag(sealed.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, tagAt)), decipher.final()])
  } catch {
    throw new DamagedFile(`chunk ${number + 1} is damaged`)
  }
}

function fileKey(vaultKey: Uint8Array, header: Buffer): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', vaultKey, header.subarray(SALT_AT, HASH_AT), header, 32))
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

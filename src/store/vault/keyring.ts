import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { AppError, reasonOf } from '../../errors.ts'
import { writeFileDurably } from './durable-files.ts'

/**
 * [Note: keys]
 * The operator's key (32 bytes, from a file or the environment) never touches data. It wraps the record's own data
 * keys, which stand wrapped in keys.json: AES-256-GCM, the key's id as additional data, one 12-byte random nonce a
 * wrapping. From a data key HKDF-SHA256 derives one key each for the database, the media vault and the index. So a wrong key
 * is known before anything else is opened, and changing the operator's key rewrites one small file. A change of the
 * data key itself passes through a state with two of them: `current` writes, `retiring` still reads.
 */
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 'likeness-keys-1'
const MAIN_FILE = 'keys.json'
/** A second copy: without the data key everything is lost, so one damaged sector must not take it. */
const COPY_FILE = 'keys.copy.json'

const wrappedKeySchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), wrapped: z.base64() })
const keyFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  current: wrappedKeySchema,
  retiring: wrappedKeySchema.nullable(),
  checksum: z.string(),
})
type KeyFile = z.infer<typeof keyFileSchema>

export interface DataKey {
  /** 16 hex digits; written in the header of each file that the key protects. */
  id: string
  bytes: Uint8Array
}

export interface Keyring {
  current: DataKey
  retiring: DataKey | undefined
}

/**
 * The operator's key as 32 bytes from its text: 64 hex digits or 44 base64 characters, white space around allowed.
 * @throws AppError `bad_input` when it is neither
 */
export function parseOperatorKey(text: string): Uint8Array {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return Buffer.from(trimmed, 'base64')
  throw new AppError(
    'bad_input',
    'Expected the key as 64 hex digits or 44 base64 characters (32 bytes); `likeness key new` makes one.',
  )
}

/** A new operator's key as 64 hex digits. */
export function newOperatorKey(): string {
  return randomBytes(KEY_BYTES).toString('hex')
}

/** Whether the data folder is encrypted. */
export function hasKeyring(dataFolder: string): boolean {
  return existsSync(path.join(dataFolder, MAIN_FILE)) || existsSync(path.join(dataFolder, COPY_FILE))
}

export function createKeyring(dataFolder: string, operatorKey: Uint8Array): Keyring {
  const keyring: Keyring = { current: newDataKey(), retiring: undefined }
  writeKeyring(dataFolder, operatorKey, keyring)
  return keyring
}

/**
 * Reads the data keys.
 * @throws AppError `wrong_key` when the operator's key is not the one that wrapped them, `corrupt_record` when both copies are damaged
 */
export function openKeyring(dataFolder: string, operatorKey: Uint8Array): Keyring {
  const file = [MAIN_FILE, COPY_FILE]
    .map((name) => readKeyFile(path.join(dataFolder, name)))
    .find((read) => read.ok)
  if (file === undefined || !file.ok) {
    throw new AppError(
      'corrupt_record',
      `Both copies of the data keys (${MAIN_FILE}, ${COPY_FILE}) are missing or damaged. Restore either from a backup; without it the data cannot be read.`,
    )
  }
  return {
    current: unwrap(file.keys.current, operatorKey),
    retiring: file.keys.retiring === null ? undefined : unwrap(file.keys.retiring, operatorKey),
  }
}

/** Writes the data keys wrapped by the operator's key; each of the two copies is replaced atomically. */
export function writeKeyring(dataFolder: string, operatorKey: Uint8Array, keyring: Keyring): void {
  const body = {
    format: FORMAT,
    current: wrap(keyring.current, operatorKey),
    retiring: keyring.retiring === undefined ? null : wrap(keyring.retiring, operatorKey),
  } as const
  const text = JSON.stringify({ ...body, checksum: checksumOf(body) })
  writeFileDurably(path.join(dataFolder, MAIN_FILE), text)
  writeFileDurably(path.join(dataFolder, COPY_FILE), text)
}

/** Names what is wrong with the two copies; rewrites a damaged one from the good one when asked. */
export function checkKeyFiles(
  dataFolder: string,
  repair: boolean,
): { file: string; detail: string; repaired: boolean }[] {
  if (!hasKeyring(dataFolder)) return []
  const copies = [MAIN_FILE, COPY_FILE].map((name) => ({ name, ...readKeyFile(path.join(dataFolder, name)) }))
  const good = copies.find((copy) => copy.ok)
  const findings = copies.flatMap((copy) => {
    if (copy.ok) return []
    const repaired = repair && good !== undefined
    if (repaired)
      writeFileDurably(path.join(dataFolder, copy.name), readFileSync(path.join(dataFolder, good.name)))
    return [{ file: copy.name, detail: copy.detail, repaired }]
  })
  const [first, second] = copies
  if (first.ok && second.ok && JSON.stringify(first.keys) !== JSON.stringify(second.keys)) {
    // A rotation was cut off between the two writes; the first one counts.
    if (repair)
      writeFileDurably(path.join(dataFolder, COPY_FILE), readFileSync(path.join(dataFolder, MAIN_FILE)))
    findings.push({ file: COPY_FILE, detail: `it differs from ${MAIN_FILE}`, repaired: repair })
  }
  return findings
}

export function newDataKey(): DataKey {
  return { id: randomBytes(8).toString('hex'), bytes: randomBytes(KEY_BYTES) }
}

/** The database's key as the 64 hex digits that libsql takes. */
export function databaseKey(key: DataKey): string {
  return Buffer.from(hkdfSync('sha256', key.bytes, '', 'likeness database', KEY_BYTES)).toString('hex')
}

/** The media vault's key, 32 bytes. */
export function vaultKey(key: DataKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.bytes, '', 'likeness media vault', KEY_BYTES))
}

/** The key of the index's files, 32 bytes. */
export function indexKey(key: DataKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.bytes, '', 'likeness face index', KEY_BYTES))
}

type ReadKeyFile = { ok: true; keys: KeyFile } | { ok: false; detail: string }

function readKeyFile(file: string): ReadKeyFile {
  try {
    const keys = keyFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const { checksum, ...body } = keys
    return checksum === checksumOf(body) ? { ok: true, keys } : { ok: false, detail: 'its checksum is wrong' }
  } catch (error) {
    return { ok: false, detail: error instanceof z.ZodError ? 'it is damaged' : reasonOf(error) }
  }
}

function checksumOf(body: Omit<KeyFile, 'checksum'>): string {
  return hash('sha256', JSON.stringify(body))
}

function wrap(key: DataKey, operatorKey: Uint8Array): KeyFile['current'] {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', operatorKey, nonce).setAAD(Buffer.from(key.id))
  const encrypted = Buffer.concat([nonce, cipher.update(key.bytes), cipher.final(), cipher.getAuthTag()])
  return { id: key.id, wrapped: encrypted.toString('base64') }
}

function unwrap(entry: KeyFile['current'], operatorKey: Uint8Array): DataKey {
  const encrypted = Buffer.from(entry.wrapped, 'base64')
  const tagAt = encrypted.length - TAG_BYTES
  try {
    const decipher = createDecipheriv('aes-256-gcm', operatorKey, encrypted.subarray(0, NONCE_BYTES))
    decipher.setAAD(Buffer.from(entry.id)).setAuthTag(encrypted.subarray(tagAt))
    return {
      id: entry.id,
      bytes: Buffer.concat([decipher.update(encrypted.subarray(NONCE_BYTES, tagAt)), decipher.final()]),
    }
  } catch (error) {
    throw new AppError(
      'wrong_key',
      'The key given is not the key of this data folder. Nothing was read or changed. Give the key it was created with, or the one of its last `likeness key rotate`.',
      { cause: error },
    )
  }
}

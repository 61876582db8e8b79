import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { AppError, reasonOf } from '../errors.ts'
import { writeFileDurably } from '../store/vault/durable-files.ts'

/** The instance's Ed25519 key, that signs checkpoints of the audit log. */
export interface SigningKey {
  /** Where it stands; what it signed last is kept beside it, see last-signed.ts. */
  file: string
  /** First 16 hex digits of SHA-256 of the public key's DER. */
  id: string
  privateKey: KeyObject
  publicKey: KeyObject
}

const KEY_NAME = 'audit-signing-key.pem'
/** Hex digits of a data folder's path in the name of its place; 2^-64 for two folders to meet. */
const PLACE_DIGITS = 16

/**
 * Where the key of a data folder stands unless the operator keeps it elsewhere: outside the data folder, so that who
 * can write the record cannot sign for it. `LIKENESS_STATE`, else the XDG state folder, else `~/.local/state/likeness`.
 */
export function signingKeyFile(dataFolder: string): string {
  const { LIKENESS_STATE, XDG_STATE_HOME } = process.env
  const root =
    LIKENESS_STATE || path.join(XDG_STATE_HOME || path.join(os.homedir(), '.local', 'state'), 'likeness')
  const place = hash('sha256', realpathSync(dataFolder)).slice(0, PLACE_DIGITS)
  return path.join(root, place, KEY_NAME)
}

/** The key of a data folder: where the operator keeps it, else where `signingKeyFile` says. */
export function openInstanceKey(dataFolder: string, given: string | undefined): SigningKey {
  if (given !== undefined) return openSigningKey(given)
  const file = signingKeyFile(dataFolder)
  moveOutOfData(path.join(dataFolder, KEY_NAME), file)
  return openSigningKey(file)
}

/** The key in a file; made when the file does not exist. @throws AppError `bad_input` for anything but an Ed25519 key */
export function openSigningKey(file: string): SigningKey {
  try {
    if (!existsSync(file)) {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      const { privateKey } = generateKeyPairSync('ed25519')
      writeFileDurably(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    }
    const privateKey = createPrivateKey(readFileSync(file))
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key')
    const publicKey = createPublicKey(privateKey)
    return { file, id: keyId(publicKey), privateKey, publicKey }
  } catch (error) {
    throw new AppError(
      'bad_input',
      `The key ${file} that signs the audit log cannot be used: ${reasonOf(error)}. Say with --audit-key where it stands.`,
      { cause: error },
    )
  }
}

/** Versions before kept the key in the data folder. */
function moveOutOfData(before: string, file: string): void {
  if (!existsSync(before) || existsSync(file)) return
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  writeFileDurably(file, readFileSync(before))
  rmSync(before)
}

/** The name by which checkpoints refer to a key. */
export function keyId(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)
}

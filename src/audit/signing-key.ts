import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { AppError, reasonOf } from '../errors.ts'
import { writeFileDurably } from '../store/durable-files.ts'

/** The instance's Ed25519 key, that signs checkpoints of the audit log. */
export interface SigningKey {
  /** First 16 hex digits of SHA-256 of the public key's DER. */
  id: string
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Where the key stands in a data folder, unless the operator keeps it elsewhere. */
export function signingKeyFile(dataFolder: string): string {
  return path.join(dataFolder, 'audit-signing-key.pem')
}

/** The key in a file; made when the file does not exist. @throws AppError `bad_input` for anything but an Ed25519 key */
export function openSigningKey(file: string): SigningKey {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileDurably(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  }
  try {
    const privateKey = createPrivateKey(readFileSync(file))
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key')
    const publicKey = createPublicKey(privateKey)
    return { id: keyId(publicKey), privateKey, publicKey }
  } catch (error) {
    throw new AppError(
      'bad_input',
      `The key ${file} that signs the audit log cannot be used: ${reasonOf(error)}.`,
      {
        cause: error,
      },
    )
  }
}

/** The name by which checkpoints refer to a key. */
export function keyId(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)
}

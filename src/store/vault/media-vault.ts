import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { open, opendir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError, reasonOf } from '../../errors.ts'
import { makeFolderDurably, syncFolder } from './durable-files.ts'
import {
  DamagedFile,
  readPlain,
  readEncrypted,
  readEncryptedHeader,
  verified,
  writeEncrypted,
  type VaultKeys,
} from './encrypted-file.ts'
import { toStorageError } from '../database/storage-errors.ts'

const INCOMING = 'incoming'
const OVERWRITE_BYTES = 1024 * 1024
const NAME_KEY_BYTES = 32
/** Of a SHA-256 or of an HMAC of one. */
const HASH_NAME = /^[0-9a-f]{64}$/

/** How the vault writes and reads; undefined keys mean unencrypted. */
export interface VaultEncryption {
  currentId: string
  keys: VaultKeys
}

/** An original that is on the disk under a temporary name. It counts once it is published. */
export interface StagedMedia {
  sha256: string
  temporary: string
}

export type VaultCheck = { state: 'good' } | { state: 'missing' } | { state: 'damaged'; detail: string }

/** What stands in the vault's folder. */
export type VaultEntry =
  | { kind: 'media'; sha256: string; file: string; byteLength: number; modifiedMs: number }
  /** Named as media are, and its header does not open: nobody can say what it is. */
  | { kind: 'unreadable'; file: string; modifiedMs: number }
  | { kind: 'leftover'; file: string; modifiedMs: number }

/**
 * Originals by the SHA-256 of their bytes, in `media/ab/abcd…`. They are named by it; where they are encrypted, by its HMAC
 * under a key of its own, so that nobody without the key can look whether a photo that they know is here.
 * Written to a temporary file, synced, renamed, folder synced: a name that exists holds the whole file.
 */
export class MediaVault {
  readonly folder: string
  readonly #encryption: VaultEncryption | undefined
  /** The current data key's first, the retiring one's after it; none where nothing is encrypted. */
  readonly #nameKeys: readonly Uint8Array[]
  /** Folders that stand durably, or will when the promise ends; one for all who wait for it. */
  readonly #knownFolders = new Map<string, Promise<void>>()

  /** @param name of the folder: `media` for originals; derived files and parts of uploads have folders of their own */
  constructor(dataFolder: string, encryption: VaultEncryption | undefined, name = 'media') {
    this.folder = path.join(dataFolder, name)
    this.#encryption = encryption
    this.#nameKeys = encryption === undefined ? [] : nameKeys(encryption)
  }

  /** Where the original stands, or would be written. */
  fileOf(sha256: string): string {
    return this.#filesOf(sha256)[0]
  }

  /** Writes and syncs an original under a temporary name. @throws AppError `storage_full`, `storage_read_only` */
  async stage(bytes: Uint8Array, sha256: string): Promise<StagedMedia> {
    return this.#stageChunks({ sha256, byteLength: bytes.byteLength, chunks: [bytes] })
  }

  /** The same for what does not fit into memory. @param chunks the original in pieces of any size, read once */
  async stageChunks(original: {
    sha256: string
    byteLength: number
    chunks: AsyncIterable<Uint8Array>
  }): Promise<StagedMedia> {
    return this.#stageChunks(original)
  }

  /**
   * The same of a large file, in pieces. @throws AppError `conflict` when the file is not what its hash says any more
   * @param byteLength of the file, as it was when it was hashed
   */
  async stageFile(file: string, sha256: string, byteLength: number): Promise<StagedMedia> {
    const handle = await open(file, 'r')
    try {
      return await this.#stageChunks({ sha256, byteLength, chunks: verified(readPlain(handle), sha256) })
    } catch (error) {
      if (!isDamaged(error)) throw error
      throw new AppError(
        'conflict',
        `${path.basename(file)} changed while it was being kept; import it again.`,
        { cause: error },
      )
    } finally {
      await handle.close()
    }
  }

  /** Gives staged originals their names and makes the names durable: one sync a folder, however many files. */
  async publish(staged: readonly StagedMedia[]): Promise<void> {
    try {
      const folders = new Set<string>()
      for (const { sha256, temporary } of staged) {
        const file = this.fileOf(sha256)
        await this.#ensureFolder(path.dirname(file))
        await rename(temporary, file)
        folders.add(path.dirname(file))
      }
      await Promise.all([...folders].map((folder) => syncFolder(folder)))
    } catch (error) {
      throw toStorageError(error, 'writing an original into the media vault')
    }
  }

  async discard(staged: StagedMedia): Promise<void> {
    await rm(staged.temporary, { force: true })
  }

  /**
   * The original's bytes, checked.
   * @throws AppError `corrupt_record` naming the file when it is missing or any byte differs, `wrong_key`
   */
  async read(sha256: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    try {
      for await (const chunk of this.chunks(sha256)) parts.push(chunk)
    } catch (error) {
      throw this.#explain(error, sha256)
    }
    return Buffer.concat(parts)
  }

  /** The original's bytes in pieces; only when the last has come without an error were all of them good. */
  async *chunks(sha256: string): AsyncGenerator<Uint8Array> {
    const file = await this.#open(sha256)
    try {
      const source =
        this.#encryption === undefined ? readPlain(file) : readEncrypted(file, sha256, this.#encryption.keys)
      yield* verified(source, sha256)
    } finally {
      await file.close()
    }
  }

  /**
   * Bytes from `start` up to `end`, itself left out. Encrypted chunks are authenticated; of what is not encrypted only the
   * whole file's hash could tell, which a part does not have.
   * @throws AppError as `read`
   */
  async *range(sha256: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    let file: FileHandle | undefined
    try {
      file = await this.#open(sha256)
      yield* this.#encryption === undefined
        ? readPlain(file, start, end)
        : readEncrypted(file, sha256, this.#encryption.keys, start, end)
    } catch (error) {
      throw this.#explain(error, sha256)
    } finally {
      await file?.close()
    }
  }

  /** Whether originals stand encrypted on the disk, so that no other program can read them there. */
  get isEncrypted(): boolean {
    return this.#encryption !== undefined
  }

  /** A part of an original in one piece, fewer bytes at its end. @throws AppError as `range` */
  async readRange(sha256: string, from: number, length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.range(sha256, from, from + length)) parts.push(part)
    return Buffer.concat(parts)
  }

  async has(sha256: string): Promise<boolean> {
    const file = await this.#open(sha256).catch(ignoreMissing)
    await file?.close()
    return file !== undefined
  }

  /** Reads the whole original and says what it is worth. Memory: one chunk. */
  async check(sha256: string): Promise<VaultCheck> {
    try {
      const chunks = this.chunks(sha256)
      while ((await chunks.next()).done !== true);
      return { state: 'good' }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { state: 'missing' }
      if (error instanceof DamagedFile || error instanceof AppError || codeOf(error) === 'EIO') {
        return { state: 'damaged', detail: reasonOf(error) }
      }
      throw error
    }
  }

  /**
   * Overwrites the original with zeros, syncs, removes it. On file systems that write changed blocks elsewhere
   * (copy on write, flash) the old blocks may live on until reused: there only encryption helps.
   */
  async erase(sha256: string): Promise<void> {
    try {
      for (const name of this.#filesOf(sha256)) {
        const file = await open(name, 'r+').catch(ignoreMissing)
        if (file === undefined) continue
        try {
          await overwrite(file)
        } finally {
          await file.close()
        }
        await rm(name)
        await syncFolder(path.dirname(name))
      }
    } catch (error) {
      throw toStorageError(error, 'erasing an original')
    }
  }

  /** Writes the original anew under the current data key, and its name. @returns false when it already was */
  async reencrypt(sha256: string): Promise<boolean> {
    const encryption = this.#encryption
    if (encryption === undefined) return false
    const [current, ...earlier] = this.#filesOf(sha256)
    const file = await this.#open(sha256).catch(ignoreMissing)
    if (file === undefined) return false
    try {
      const { keyId, hasOpenHash, byteLength } = await readEncryptedHeader(file, encryption.keys)
      const isCurrent = keyId === encryption.currentId && !hasOpenHash && (await exists(current))
      if (!isCurrent)
        await this.publish([await this.#stageChunks({ sha256, byteLength, chunks: this.chunks(sha256) })])
      for (const name of earlier) {
        if (!(await exists(name))) continue
        await rm(name)
        await syncFolder(path.dirname(name))
      }
      return !isCurrent
    } catch (error) {
      throw this.#explain(error, sha256)
    } finally {
      await file.close()
    }
  }

  /** Everything in the vault's folder, in no order. */
  async *entries(): AsyncGenerator<VaultEntry> {
    const folder = await opendir(this.folder, { recursive: true }).catch(ignoreMissing)
    if (folder === undefined) return
    for await (const entry of folder) {
      if (!entry.isFile()) continue
      const file = path.join(entry.parentPath, entry.name)
      const facts = await stat(file).catch(ignoreMissing)
      if (facts === undefined) continue
      const modifiedMs = facts.mtimeMs
      const sha256 = HASH_NAME.test(entry.name) ? await this.#whoseFile(file) : undefined
      if (sha256 === 'unreadable') yield { kind: 'unreadable', file, modifiedMs }
      else if (sha256 !== undefined && this.#filesOf(sha256).includes(file))
        yield { kind: 'media', sha256, file, byteLength: facts.size, modifiedMs }
      else yield { kind: 'leftover', file, modifiedMs }
    }
  }

  /**
   * Where the original may stand: named under the current data key, under the one that retires while keys are changed, and,
   * as before, by the hash itself.
   */
  #filesOf(sha256: string): [string, ...string[]] {
    const names = this.#nameKeys.map((key) => createHmac('sha256', key).update(sha256, 'hex').digest('hex'))
    const [first, ...others] = [...names, sha256].map((name) =>
      path.join(this.folder, name.slice(0, 2), name),
    )
    return [first, ...others]
  }

  async #open(sha256: string): Promise<FileHandle> {
    const files = this.#filesOf(sha256)
    for (const name of files) {
      const file = await open(name, 'r').catch(ignoreMissing)
      if (file !== undefined) return file
    }
    // Meanwhile a change of keys may have given it its new name.
    return open(files[0], 'r')
  }

  /** The SHA-256 of the original in a file that is named as one; undefined when it is gone. */
  async #whoseFile(name: string): Promise<string | undefined> {
    if (this.#encryption === undefined) return path.basename(name)
    const file = await open(name, 'r').catch(ignoreMissing)
    if (file === undefined) return undefined
    try {
      return (await readEncryptedHeader(file, this.#encryption.keys)).sha256
    } catch (error) {
      if (error instanceof DamagedFile || error instanceof AppError) return 'unreadable'
      throw error
    } finally {
      await file.close()
    }
  }

  async #stageChunks(original: {
    sha256: string
    byteLength: number
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  }): Promise<StagedMedia> {
    const temporary = path.join(this.folder, INCOMING, `${process.pid}-${randomBytes(8).toString('hex')}`)
    try {
      await this.#ensureFolder(path.dirname(temporary))
      const file = await open(temporary, 'wx', 0o600)
      try {
        if (this.#encryption === undefined) {
          for await (const chunk of original.chunks) await file.writeFile(chunk)
        } else {
          const { currentId, keys } = this.#encryption
          await writeEncrypted(file, original, currentId, keys.get(currentId)!)
        }
        await file.sync()
      } finally {
        await file.close()
      }
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw toStorageError(error, 'writing an original into the media vault')
    }
    return { sha256: original.sha256, temporary }
  }

  async #ensureFolder(folder: string): Promise<void> {
    if (folder !== this.folder) await this.#ensureFolder(this.folder)
    let known = this.#knownFolders.get(folder)
    if (known === undefined) {
      known = makeFolderDurably(folder)
      this.#knownFolders.set(folder, known)
      known.catch(() => this.#knownFolders.delete(folder))
    }
    await known
  }

  #explain(error: unknown, sha256: string): unknown {
    const name = path.relative(path.dirname(this.folder), this.fileOf(sha256))
    if (codeOf(error) === 'ENOENT') {
      return new AppError(
        'corrupt_record',
        `${name} is missing. Run \`likeness doctor\`; restore it from a backup.`,
      )
    }
    if (error instanceof DamagedFile) {
      return new AppError(
        'corrupt_record',
        `${name} is not what was written: ${error.message}. Run \`likeness doctor\`; restore it from a backup.`,
        { cause: error },
      )
    }
    return toStorageError(error, `reading ${name}`)
  }
}

/** Keys of the names, 32 bytes each, the current one first: HKDF-SHA256 of the vault's key. */
function nameKeys({ currentId, keys }: VaultEncryption): Uint8Array[] {
  return [currentId, ...[...keys.keys()].filter((id) => id !== currentId)].map(
    (id) => new Uint8Array(hkdfSync('sha256', keys.get(id)!, '', 'likeness media names', NAME_KEY_BYTES)),
  )
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(ignoreMissing)) !== undefined
}

/** Whether an error, or what caused it, is that bytes were not what they should be. */
function isDamaged(error: unknown): boolean {
  return error instanceof DamagedFile || (error instanceof Error && error.cause instanceof DamagedFile)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
  return undefined
}

async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  const zeros = Buffer.alloc(Math.min(size, OVERWRITE_BYTES))
  for (let at = 0; at < size; at += zeros.length) {
    await file.write(zeros, 0, Math.min(zeros.length, size - at), at)
  }
  await file.sync()
}

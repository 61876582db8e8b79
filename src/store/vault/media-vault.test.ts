import { createCipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import fsp, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { filesBelow, scratchFolder } from '../../../test/support/scratch-folder.ts'
import { MediaVault, type VaultEncryption, type VaultEntry } from './media-vault.ts'
import { CHUNK_BYTES, ENCRYPTED_HEADER_BYTES } from './encrypted-file.ts'

function encryption(): VaultEncryption {
  return { currentId: 'aaaaaaaaaaaaaaaa', keys: new Map([['aaaaaaaaaaaaaaaa', randomBytes(32)]]) }
}

async function put(vault: MediaVault, bytes: Uint8Array): Promise<string> {
  const sha256 = hash('sha256', bytes)
  await vault.publish([await vault.stage(bytes, sha256)])
  return sha256
}

async function entriesOf(vault: MediaVault): Promise<VaultEntry[]> {
  const entries: VaultEntry[] = []
  for await (const entry of vault.entries()) entries.push(entry)
  return entries
}

/** An original as the version before kept it: named by its hash, which also stands in its header. */
function writeEarlierFile(folder: string, bytes: Uint8Array, { currentId, keys }: VaultEncryption): string {
  const sha256 = hash('sha256', bytes)
  const salt = randomBytes(32)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.byteLength))
  const header = Buffer.concat([
    Buffer.from('LKMEDIA1'),
    Buffer.from(currentId, 'hex'),
    salt,
    Buffer.from(sha256, 'hex'),
    length,
  ])
  const key = new Uint8Array(hkdfSync('sha256', keys.get(currentId)!, salt, header, 32))
  const parts: Buffer[] = [header]
  for (let number = 0; number * CHUNK_BYTES < bytes.byteLength; number++) {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32LE(number)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const piece = bytes.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES)
    parts.push(cipher.update(piece), cipher.final(), cipher.getAuthTag())
  }
  const file = path.join(folder, 'media', sha256.slice(0, 2), sha256)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, Buffer.concat(parts))
  return sha256
}

const lengths = [1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7]

describe.each([
  ['unencrypted', undefined],
  ['encrypted', encryption()],
])('%s vault', (_name, keys) => {
  test.each(lengths)('gives back %i bytes as they were', async (length) => {
    const vault = new MediaVault(scratchFolder(), keys)
    const bytes = randomBytes(length)
    const sha256 = await put(vault, bytes)
    expect(Buffer.compare(await vault.read(sha256), bytes)).toBe(0)
    expect(await vault.check(sha256)).toEqual({ state: 'good' })
  })

  test('names a file in which any byte was flipped, and never gives it', async () => {
    const vault = new MediaVault(scratchFolder(), keys)
    const sha256 = await put(vault, randomBytes(300))
    const file = vault.fileOf(sha256)
    const good = readFileSync(file)
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good)
      bad[at] ^= 0x10
      writeFileSync(file, bad)
      expect(await vault.check(sha256), `byte ${at}`).toMatchObject({ state: 'damaged' })
      await expect(vault.read(sha256)).rejects.toThrow(/not what was written|does not hold/)
    }
  })

  test('names a file that was cut, lengthened or is missing', async () => {
    const vault = new MediaVault(scratchFolder(), keys)
    const sha256 = await put(vault, randomBytes(2 * CHUNK_BYTES))
    const file = vault.fileOf(sha256)
    const good = readFileSync(file)
    for (const bad of [
      good.subarray(0, -1),
      good.subarray(0, 40),
      Buffer.alloc(0),
      Buffer.concat([good, good]),
    ]) {
      writeFileSync(file, bad)
      expect(await vault.check(sha256)).toMatchObject({ state: 'damaged' })
    }
    await vault.erase(sha256)
    expect(await vault.check(sha256)).toEqual({ state: 'missing' })
    await expect(vault.read(sha256)).rejects.toMatchObject({ code: 'corrupt_record' })
  })

  test('holds nothing of an erased original', async () => {
    const folder = scratchFolder()
    const vault = new MediaVault(folder, keys)
    const sha256 = await put(vault, randomBytes(5000))
    await vault.erase(sha256)
    await vault.erase(sha256)
    expect(filesBelow(folder)).toEqual([])
  })

  test('lists originals and what a killed process left', async () => {
    const vault = new MediaVault(scratchFolder(), keys)
    const sha256 = await put(vault, randomBytes(10))
    await vault.stage(randomBytes(10), 'ff'.repeat(32))
    const entries = await entriesOf(vault)
    expect(entries.map((entry) => entry.kind).toSorted()).toEqual(['leftover', 'media'])
    expect(entries.find((entry) => entry.kind === 'media')).toMatchObject({ sha256 })
  })
})

describe('encrypted files', () => {
  test('hold no plain text and differ each time', async () => {
    const keys = encryption()
    const bytes = Buffer.alloc(10_000, 'the original of a photo ')
    const files = await Promise.all(
      [scratchFolder(), scratchFolder()].map(async (folder) => {
        const vault = new MediaVault(folder, keys)
        return readFileSync(vault.fileOf(await put(vault, bytes)))
      }),
    )
    expect(files[0].includes('original')).toBe(false)
    expect(files[0].subarray(ENCRYPTED_HEADER_BYTES, ENCRYPTED_HEADER_BYTES + 64)).not.toEqual(
      files[1].subarray(ENCRYPTED_HEADER_BYTES, ENCRYPTED_HEADER_BYTES + 64),
    )
  })

  test('say nothing of a photo that somebody knows, neither by their names nor by their bytes', async () => {
    const folder = scratchFolder()
    const bytes = randomBytes(100)
    const sha256 = await put(new MediaVault(folder, encryption()), bytes)
    const [{ file, bytes: kept }] = filesBelow(folder)
    expect(file).not.toContain(sha256.slice(0, 8))
    expect(kept.includes(Buffer.from(sha256, 'hex'))).toBe(false)
    // The same photo has another name in another folder.
    const other = new MediaVault(folder, encryption())
    await put(other, bytes)
    expect(filesBelow(folder)).toHaveLength(2)
  })

  test('of a data key that the keyring does not hold are an error that says so', async () => {
    const folder = scratchFolder()
    const known = encryption()
    const sha256 = await put(new MediaVault(folder, known), randomBytes(100))
    const other: VaultEncryption = {
      currentId: 'bbbbbbbbbbbbbbbb',
      keys: new Map([['bbbbbbbbbbbbbbbb', randomBytes(32)]]),
    }
    const vault = new MediaVault(folder, other)
    await expect(vault.read(sha256)).rejects.toMatchObject({ code: 'corrupt_record' })
    mkdirSync(path.dirname(vault.fileOf(sha256)), { recursive: true })
    writeFileSync(vault.fileOf(sha256), readFileSync(new MediaVault(folder, known).fileOf(sha256)))
    await expect(vault.read(sha256)).rejects.toMatchObject({ code: 'wrong_key' })
  })

  test('of the version before are read, listed and erased, and are given new names with the next key', async () => {
    const folder = scratchFolder()
    const keys = encryption()
    const vault = new MediaVault(folder, keys)
    const bytes = randomBytes(2 * CHUNK_BYTES + 5)
    const sha256 = writeEarlierFile(folder, bytes, keys)
    expect(Buffer.compare(await vault.read(sha256), bytes)).toBe(0)
    expect(await vault.has(sha256)).toBe(true)
    expect(await entriesOf(vault)).toMatchObject([{ kind: 'media', sha256 }])
    expect(await vault.reencrypt(sha256)).toBe(true)
    expect(await vault.reencrypt(sha256)).toBe(false)
    expect(filesBelow(folder).map(({ file }) => path.basename(file))).toEqual([
      path.basename(vault.fileOf(sha256)),
    ])
    expect(Buffer.compare(await vault.read(sha256), bytes)).toBe(0)
    // Cut off before the old name was taken away: the next call does it, and erasing takes both.
    writeEarlierFile(folder, bytes, keys)
    expect(await vault.reencrypt(sha256)).toBe(false)
    expect(filesBelow(folder)).toHaveLength(1)
    writeEarlierFile(folder, bytes, keys)
    await vault.erase(sha256)
    expect(filesBelow(folder)).toEqual([])
  })

  test('whose header is damaged are listed as such, not as what may be taken away', async () => {
    const folder = scratchFolder()
    const vault = new MediaVault(folder, encryption())
    const file = vault.fileOf(await put(vault, randomBytes(100)))
    const bad = readFileSync(file)
    bad[60] ^= 1
    writeFileSync(file, bad)
    expect(await entriesOf(vault)).toMatchObject([{ kind: 'unreadable', file }])
  })

  test('are written anew under a new key, once', async () => {
    const folder = scratchFolder()
    const old = encryption()
    const bytes = randomBytes(2 * CHUNK_BYTES + 5)
    const sha256 = await put(new MediaVault(folder, old), bytes)
    const both: VaultEncryption = {
      currentId: 'bbbbbbbbbbbbbbbb',
      keys: new Map([...old.keys, ['bbbbbbbbbbbbbbbb', randomBytes(32)]]),
    }
    const vault = new MediaVault(folder, both)
    expect(await vault.reencrypt(sha256)).toBe(true)
    expect(await vault.reencrypt(sha256)).toBe(false)
    expect(Buffer.compare(await vault.read(sha256), bytes)).toBe(0)
    expect(filesBelow(folder)).toHaveLength(1)
    expect(await new MediaVault(folder, old).has(sha256)).toBe(false)
  })
})

/** Folders whose names were made durable from now on, in order: what `fsync` was asked for, and still does. */
function foldersSynced(): string[] {
  const { open } = fsp
  const synced: string[] = []
  fsp.open = async (...given: Parameters<typeof open>): Promise<FileHandle> => {
    const handle = await open(...given)
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      await sync()
      synced.push(String(given[0]))
    }
    return handle
  }
  syncBuiltinESMExports()
  onTestFinished(() => {
    fsp.open = open
    syncBuiltinESMExports()
  })
  return synced
}

test('every new folder of the vault is durable in its parent before an original counts, whoever made it', async () => {
  const root = path.join(scratchFolder(), 'data')
  const bytes = randomBytes(100)
  const sha256 = hash('sha256', bytes)
  const synced = foldersSynced()
  const vault = new MediaVault(root, undefined)
  await vault.publish([await vault.stage(bytes, sha256)])
  const folders = [path.dirname(root), root, path.join(root, 'media'), path.dirname(vault.fileOf(sha256))]
  for (const folder of folders) expect(synced, folder).toContain(folder)
  // Another process finds the folders there; whether their names are durable it cannot know.
  synced.length = 0
  const other = new MediaVault(root, undefined)
  expect(existsSync(other.folder)).toBe(true)
  await other.publish([await other.stage(bytes, sha256)])
  for (const folder of [root, path.join(root, 'media')]) expect(synced, folder).toContain(folder)
})

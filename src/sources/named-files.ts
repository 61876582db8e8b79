import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { alikeName, sameName } from './file-names.ts'

/** Folders whose names are held, so that a list of a million files reads each folder once. */
const MAX_HELD_FOLDERS = 1000

/**
 * Finds files below a folder by the names that a list gives them, part by part: as written, else in another writing of the
 * same name, see `FileNames`. What is not found is given as written, for whoever reads it to say so.
 */
export class NamedFiles {
  readonly #root: string
  readonly #folders = new Map<string, Promise<string[]>>()

  constructor(root: string) {
    this.#root = root
  }

  async find(named: string): Promise<{ file: string } | { ambiguous: number }> {
    const asWritten = path.join(this.#root, named)
    if (await exists(asWritten)) return { file: asWritten }
    const plain = path.join(this.#root, named.replaceAll('\\', '/'))
    if (await exists(plain)) return { file: plain }
    let folder = this.#root
    for (const part of sameName(named).split('/')) {
      if (part === '' || part === '.') continue
      const names = await this.#namesIn(folder)
      const fits = [sameName, alikeName]
        .map((write) => names.filter((name) => write(name) === write(part)))
        .find((found) => found.length > 0)
      if (fits === undefined) return { file: plain }
      if (fits.length > 1) return { ambiguous: fits.length }
      folder = path.join(folder, fits[0])
    }
    return { file: folder }
  }

  #namesIn(folder: string): Promise<string[]> {
    const known = this.#folders.get(folder)
    if (known !== undefined) return known
    if (this.#folders.size >= MAX_HELD_FOLDERS) this.#folders.clear()
    const names = readdir(folder).catch(() => [])
    this.#folders.set(folder, names)
    return names
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}

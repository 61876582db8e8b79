import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { AppError, reasonOf } from '../../errors.ts'
import type { FetchProgress } from './fetch-npm-files.ts'
import { filesOf, type PackManifest, packManifestSchema } from './manifest.ts'

/** A pack whose files are on this machine. */
export interface InstalledPack {
  manifest: PackManifest
  folder: string
}

const DEFAULT_MANIFEST = new URL('../../../models/manifest.json', import.meta.url)

/** Where packs and caches are kept: `LIKENESS_CACHE`, else the XDG cache folder, else `~/.cache/likeness`. */
export function cacheFolder(): string {
  const { LIKENESS_CACHE, XDG_CACHE_HOME } = process.env
  if (LIKENESS_CACHE !== undefined && LIKENESS_CACHE !== '') return path.resolve(LIKENESS_CACHE)
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'likeness')
}

/** The manifest of the default pack, which comes with Likeness. */
export async function readDefaultManifest(): Promise<PackManifest> {
  return parseManifest(await readFile(DEFAULT_MANIFEST, 'utf8'), 'models/manifest.json')
}

/**
 * Finds a pack on this machine; the default one is fetched from its npm tarball when it is missing.
 * @param id the pack's id; undefined for the default pack
 * @throws AppError `not_found` for an unknown id, and what `fetchNpmFiles` throws
 */
export async function findPack(
  id?: string,
  onProgress?: (progress: FetchProgress) => void,
): Promise<InstalledPack> {
  const standard = await readDefaultManifest()
  const folder = path.join(cacheFolder(), 'models', id ?? standard.id)
  if (id !== undefined && id !== standard.id) {
    // An id that no manifest may have could also lead out of the folder of packs.
    const manifest = packManifestSchema.shape.id.safeParse(id).success
      ? await readFile(path.join(folder, 'manifest.json'), 'utf8').catch(() => undefined)
      : undefined
    if (manifest === undefined)
      throw new AppError(
        'not_found',
        `There is no model pack "${id}" on this machine. \`likeness models\` lists what there is.`,
      )
    return { manifest: parseManifest(manifest, path.join(folder, 'manifest.json')), folder }
  }
  if (!(await isComplete(folder, standard))) {
    if (standard.npm === undefined)
      throw new AppError('models_unavailable', 'The default pack names no npm package.')
    const files = new Map(filesOf(standard).map((file) => [file.path, file.sha256]))
    // Loaded only now: it is needed once.
    const { fetchNpmFiles } = await import('./fetch-npm-files.ts')
    await fetchNpmFiles(standard.npm, files, folder, onProgress)
  }
  return { manifest: standard, folder }
}

/** Sizes tell a half-written pack cheaply; hashes are checked when the files are loaded. */
async function isComplete(folder: string, manifest: PackManifest): Promise<boolean> {
  for (const file of filesOf(manifest)) {
    const found = await stat(path.join(folder, file.path)).catch(() => undefined)
    if (found?.size !== file.bytes) return false
  }
  return true
}

/**
 * Adds a pack from a folder: one with a `manifest.json`, or the default pack's files copied from another machine.
 * Every hash is checked, and every network is loaded and run once, before anything is kept.
 * @throws AppError `bad_input` for a wrong manifest, `models_refused` for a file that differs, is missing, or whose
 * network cannot be used
 */
export async function addPack(source: string): Promise<InstalledPack> {
  const manifestPath = path.join(source, 'manifest.json')
  const text = await readFile(manifestPath, 'utf8').catch(() => undefined)
  const manifest = text === undefined ? await readDefaultManifest() : parseManifest(text, manifestPath)
  const folder = path.join(cacheFolder(), 'models', manifest.id)
  // Only here: networks are otherwise loaded in worker threads alone.
  const { checkModelFile, loadPack, releasePack } = await import('./load-pack.ts')
  const staging = `${folder}.${process.pid}.part`
  try {
    for (const file of filesOf(manifest)) {
      const from = await findFile(source, file.path)
      checkModelFile(file, await readFile(from))
      const to = path.join(staging, file.path)
      await mkdir(path.dirname(to), { recursive: true })
      await copyFile(from, to)
    }
    await releasePack(await loadPack(staging, manifest))
    await writeFile(path.join(staging, 'manifest.json'), JSON.stringify(manifest, undefined, 2))
    await rm(folder, { recursive: true, force: true })
    await rename(staging, folder)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return { manifest, folder }
}

/** A file may stand by its path in the pack or, as people copy files, by its bare name. */
async function findFile(source: string, file: string): Promise<string> {
  for (const candidate of [path.join(source, file), path.join(source, path.basename(file))]) {
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate
  }
  throw new AppError('models_refused', `${source} has no file ${file}. Nothing was added.`)
}

function parseManifest(text: string, name: string): PackManifest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new AppError('bad_input', `${name} is not JSON: ${reasonOf(error)}`, { cause: error })
  }
  const parsed = packManifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('bad_input', `${name}: ${issue.path.join('.')}: ${issue.message}`)
}

/** Every pack that can be used: the default one, here or not, and those added from folders. */
export async function listPacks(): Promise<(InstalledPack & { installed: boolean })[]> {
  const standard = await readDefaultManifest()
  const models = path.join(cacheFolder(), 'models')
  const folder = path.join(models, standard.id)
  const packs = [{ manifest: standard, folder, installed: await isComplete(folder, standard) }]
  for (const name of await readdir(models).catch(() => [])) {
    const manifestPath = path.join(models, name, 'manifest.json')
    const text = await readFile(manifestPath, 'utf8').catch(() => undefined)
    if (text === undefined || name === standard.id) continue
    const manifest = parseManifest(text, manifestPath)
    packs.push({
      manifest,
      folder: path.join(models, name),
      installed: await isComplete(path.join(models, name), manifest),
    })
  }
  return packs
}

import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { AppError, reasonOf } from '../../errors.ts'
import { type FetchProgress, isKept } from './keep-files.ts'
import { filesOf, packIdSchema, type PackManifest, packManifestSchema } from './manifest.ts'

/** A pack whose files are on this machine. */
export interface InstalledPack {
  manifest: PackManifest
  folder: string
}

/** The manifests that come with Likeness: the default pack's, and those of packs that were the default before it. */
const MANIFESTS = new URL('../../../models/', import.meta.url)
const DEFAULT_MANIFEST = 'manifest.json'

/** Where packs and caches are kept: `LIKENESS_CACHE`, else the XDG cache folder, else `~/.cache/likeness`. */
export function cacheFolder(): string {
  const { LIKENESS_CACHE, XDG_CACHE_HOME } = process.env
  if (LIKENESS_CACHE !== undefined && LIKENESS_CACHE !== '') return path.resolve(LIKENESS_CACHE)
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'likeness')
}

/** The manifest of the default pack, which comes with Likeness. */
export async function readDefaultManifest(): Promise<PackManifest> {
  return readOwnManifest(DEFAULT_MANIFEST)
}

async function readOwnManifest(name: string): Promise<PackManifest> {
  return parseManifest(await readFile(new URL(name, MANIFESTS), 'utf8'), `models/${name}`)
}

/** The manifests that come with Likeness, the default pack's first. Their packs are fetched when they are asked for. */
async function readOwnManifests(): Promise<PackManifest[]> {
  const names = (await readdir(MANIFESTS)).filter((name) => name.endsWith('.json'))
  const earlier = names.filter((name) => name !== DEFAULT_MANIFEST)
  return Promise.all([DEFAULT_MANIFEST, ...earlier.toSorted()].map(readOwnManifest))
}

/**
 * Finds a pack on this machine; one whose manifest comes with Likeness is fetched when it is missing.
 * @param id the pack's id; undefined for the default pack
 * @throws AppError `not_found` for an unknown id, and what `fetchPack` throws
 */
export async function findPack(
  id?: string,
  onProgress?: (progress: FetchProgress) => void,
): Promise<InstalledPack> {
  const own = await readOwnManifests()
  const manifest = id === undefined ? own[0] : own.find((one) => one.id === id)
  const folder = path.join(cacheFolder(), 'models', id ?? own[0].id)
  if (manifest === undefined) {
    // An id that no manifest may have could also lead out of the folder of packs.
    const text = packIdSchema.safeParse(id).success
      ? await readFile(path.join(folder, 'manifest.json'), 'utf8').catch(() => undefined)
      : undefined
    if (text === undefined)
      throw new AppError(
        'not_found',
        `There is no model pack "${id}" on this machine. \`likeness models\` lists what there is.`,
      )
    return { manifest: parseManifest(text, path.join(folder, 'manifest.json')), folder }
  }
  if (!(await isComplete(folder, manifest))) {
    // Loaded only now: it is needed once.
    const { fetchPack } = await import('./fetch-pack.ts')
    await fetchPack(manifest, folder, onProgress)
  }
  return { manifest, folder }
}

async function isComplete(folder: string, manifest: PackManifest): Promise<boolean> {
  for (const file of filesOf(manifest)) if (!(await isKept(folder, file))) return false
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

/** Every pack that can be used: those that come with Likeness, here or not, and those added from folders. */
export async function listPacks(): Promise<(InstalledPack & { installed: boolean })[]> {
  const own = await readOwnManifests()
  const models = path.join(cacheFolder(), 'models')
  const packs: (InstalledPack & { installed: boolean })[] = []
  for (const manifest of own) {
    const folder = path.join(models, manifest.id)
    packs.push({ manifest, folder, installed: await isComplete(folder, manifest) })
  }
  for (const name of await readdir(models).catch(() => [])) {
    const manifestPath = path.join(models, name, 'manifest.json')
    const text = await readFile(manifestPath, 'utf8').catch(() => undefined)
    if (text === undefined || own.some(({ id }) => id === name)) continue
    const manifest = parseManifest(text, manifestPath)
    packs.push({
      manifest,
      folder: path.join(models, name),
      installed: await isComplete(path.join(models, name), manifest),
    })
  }
  return packs
}

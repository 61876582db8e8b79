import { access, readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { PackageURL, UrlConverter } from '@socketregistry/packageurl-js'
import { parse } from 'ini'
import { reasonOf } from '../../errors.ts'
import type { NpmSettings } from './npm-settings.ts'

/** Where wheels are asked of, as the user has told pip. */
export interface PipSettings {
  /** Indexes (PEP 503), each ending in a slash, in the order in which they are asked; none where pip may ask none. */
  indexes: URL[]
  /** Folders in which wheels may lie. */
  folders: string[]
  /** Proxy, certificates, credentials and waits, under the names that npm has for them. */
  network: NpmSettings
}

/** Seconds without a byte, and tries after the first one, as pip has them. */
const TIMEOUT_S = 15
const RETRIES = 5

/**
 * The user's pip settings, read from where pip itself reads them, the stronger first: variables `PIP_…`, the file that
 * `PIP_CONFIG_FILE` names, a virtual environment's, the user's, the machine's
 * (https://pip.pypa.io/en/stable/topics/configuration/). Of a file the sections `global` and `download` are read.
 * @throws Error naming a file that is there and cannot be read; TypeError for an address that is none
 */
export async function readPipSettings(env: NodeJS.ProcessEnv = process.env): Promise<PipSettings> {
  const options = new Map<string, string>()
  for (const file of filesOf(env)) for (const [key, value] of await optionsOf(file)) options.set(key, value)
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('PIP_') || value === undefined || value === '') continue
    options.set(variable.slice('PIP_'.length).toLowerCase().replaceAll('_', '-'), value)
  }
  const network = networkOf(options)
  const indexes: URL[] = []
  if (!isOn(options.get('no-index')))
    for (const address of [options.get('index-url') ?? publicIndex(), ...words(options, 'extra-index-url')])
      indexes.push(indexOf(address, network))
  const folders = words(options, 'find-links').flatMap(folderOf)
  return { indexes, folders, network }
}

/** What pip asks when nothing else is set. */
function publicIndex(): string {
  const { url } = UrlConverter.toDownloadUrl(PackageURL.fromString('pkg:pypi/pip@1'))!
  return new URL('..', url).href
}

/** The files in which pip looks, the stronger last. */
function filesOf(env: NodeJS.ProcessEnv): string[] {
  const chosen = env['PIP_CONFIG_FILE']
  if (chosen === os.devNull) return []
  const home = os.homedir()
  const windows = process.platform === 'win32'
  const name = windows ? 'pip.ini' : 'pip.conf'
  const userConfig = windows
    ? (env['APPDATA'] ?? home)
    : process.platform === 'darwin'
      ? path.join(home, 'Library/Application Support')
      : env['XDG_CONFIG_HOME'] || path.join(home, '.config')
  const machine = windows
    ? [path.join(env['PROGRAMDATA'] ?? home, 'pip', name)]
    : [
        ...(env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').map((folder) => path.join(folder, 'pip', name)),
        path.join('/etc', name),
      ]
  return [
    ...machine,
    path.join(home, windows ? 'pip' : '.pip', name),
    path.join(userConfig, 'pip', name),
    ...(env['VIRTUAL_ENV'] ? [path.join(env['VIRTUAL_ENV'], name)] : []),
    ...(chosen ? [chosen] : []),
  ]
}

async function optionsOf(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw new Error(`${file} cannot be read: ${reasonOf(error)}`, { cause: error })
  })
  const options = new Map<string, string>()
  // Lines that go on are indented.
  const sections = parse(text.replaceAll(/\r?\n[ \t]+(?=\S)/g, ' '))
  for (const name of ['global', 'download'])
    for (const [key, value] of Object.entries((sections[name] ?? {}) as Record<string, unknown>))
      options.set(key.trim().toLowerCase().replaceAll('_', '-'), String(value).trim())
  return options
}

function words(options: ReadonlyMap<string, string>, key: string): string[] {
  return (options.get(key) ?? '').split(/\s+/).filter((word) => word !== '')
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|yes|on|t|y)$/i.test(value)
}

function networkOf(options: ReadonlyMap<string, string>): Map<string, string> {
  const network = new Map<string, string>()
  const proxy = options.get('proxy')
  if (proxy !== undefined) network.set('proxy', proxy)
  const authorities = options.get('cert')
  if (authorities !== undefined) network.set('cafile', authorities)
  const seconds = Number(options.get('timeout') ?? options.get('default-timeout') ?? TIMEOUT_S)
  network.set('fetch-timeout', String(seconds * 1000))
  network.set('fetch-retries', options.get('retries') ?? String(RETRIES))
  // pip begins at a quarter of a second and doubles.
  network.set('fetch-retry-mintimeout', '250')
  network.set('fetch-retry-factor', '2')
  const trusted = words(options, 'trusted-host')
  if (trusted.length > 0) network.set('trusted-hosts', trusted.join(' '))
  return network
}

/** The index's address without credentials; these go among the settings, for its host alone. */
function indexOf(address: string, network: Map<string, string>): URL {
  if (!URL.canParse(address))
    throw new TypeError(`pip's settings name the index "${address}", which is no address`)
  const index = new URL(address.endsWith('/') ? address : `${address}/`)
  if (index.username !== '') {
    const key = `//${index.host}/`
    network.set(`${key}:username`, decodeURIComponent(index.username))
    network.set(
      `${key}:_password`,
      Buffer.from(decodeURIComponent(index.password), 'utf8').toString('base64'),
    )
    index.username = index.password = ''
  }
  return index
}

/** pip also takes pages of links there; those are left to pip. */
function folderOf(place: string): string[] {
  if (place.startsWith('file:')) return [fileURLToPath(place)]
  return /^[a-z]+:\/\//i.test(place) ? [] : [path.resolve(place)]
}

/** A wheel that lies in one of the folders; undefined when none has it. */
export async function findInFolders(folders: readonly string[], file: string): Promise<string | undefined> {
  for (const folder of folders) {
    const place = path.join(folder, file)
    if (
      await access(place).then(
        () => true,
        () => false,
      )
    )
      return place
  }
  return undefined
}

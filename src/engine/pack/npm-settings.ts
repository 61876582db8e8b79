import { readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import npmConf from '@pnpm/npm-conf'
import { parse } from 'ini'

/** npm's settings by npm's names, as text. Lists (`ca[]`) are joined by line breaks. */
export type NpmSettings = ReadonlyMap<string, string>

/** What npm asks when nothing else is set. */
export const PUBLIC_REGISTRY = npmConf.defaults.registry

/**
 * The user's npm settings, read from where npm itself reads them, the stronger first: variables `npm_config_…`, the project's
 * `.npmrc`, the user's, the machine's (https://docs.npmjs.com/cli/v11/configuring-npm/npmrc).
 * @param folder where the search for the project's file begins, upwards
 * @throws Error of the file system for a file that is there and cannot be read
 */
export async function readNpmSettings(
  env: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): Promise<NpmSettings> {
  const fromEnv = settingsOfEnvironment(env)
  const user = fromEnv.get('userconfig') ?? path.join(os.homedir(), '.npmrc')
  const machine = fromEnv.get('globalconfig') ?? path.join(prefixOfNode(env), 'etc/npmrc')
  const project = path.join(await projectFolder(folder), '.npmrc')
  const settings = new Map<string, string>()
  for (const file of [machine, user, project])
    for (const [key, value] of await settingsOfFile(file, env)) settings.set(key, value)
  for (const [key, value] of fromEnv) settings.set(key, value)
  return settings
}

/** The registry that a package is asked of: its scope's, else the general one. Ends in a slash. */
export function registryOf(name: string, settings: NpmSettings): URL {
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined
  const address = (scope && settings.get(`${scope}:registry`)) || settings.get('registry') || PUBLIC_REGISTRY
  return new URL(address.endsWith('/') ? address : `${address}/`)
}

/**
 * The key below which credentials for an address stand, `//host/path/`: the longest that holds any. An address of the
 * registry's own host has the registry's.
 */
export function credentialsKey(url: URL, registry: URL, settings: NpmSettings): string | undefined {
  const key = longestKey(url, settings)
  return key ?? (url.host === registry.host ? longestKey(registry, settings) : undefined)
}

function longestKey(url: URL, settings: NpmSettings): string | undefined {
  let key = `//${url.host}${url.pathname}`
  while (key.length > '//'.length) {
    const has = (name: string): boolean => settings.has(`${key}:${name}`)
    if (has('_authToken') || has('_auth') || (has('username') && has('_password'))) return key
    if (has('certfile') && has('keyfile')) return key
    // Either what stands after the last slash goes, or the slash: keys are written with it and without.
    key = key.replace(/([^/]+|\/)$/, '')
  }
  return undefined
}

/** A file's place as npm reads it: from the home folder after `~/`, else from the current folder. */
export function placeOf(file: string): string {
  return /^~[/\\]/.test(file) ? path.join(os.homedir(), file.slice(2)) : path.resolve(file)
}

function settingsOfEnvironment(env: NodeJS.ProcessEnv): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [variable, value] of Object.entries(env)) {
    if (!/^npm_config_/i.test(variable) || value === undefined || value === '') continue
    const key = variable.slice('npm_config_'.length)
    // Addresses stand as they are; of names, dashes stand as underscores, but for a first one.
    settings.set(key.startsWith('//') ? key : key.replaceAll(/(?!^)_/g, '-').toLowerCase(), value)
  }
  return settings
}

async function settingsOfFile(file: string, env: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw error
  })
  const settings = new Map<string, string>()
  for (const [key, value] of Object.entries(parse(text))) {
    const values = (Array.isArray(value) ? value : [value]).filter(
      (one) => typeof one === 'string' || typeof one === 'boolean',
    )
    if (values.length > 0)
      settings.set(withVariables(key, env), values.map((one) => withVariables(String(one), env)).join('\n'))
  }
  return settings
}

/** `${NAME}` and, empty where it is not set, `${NAME?}`; a backslash before it keeps it as it stands. */
function withVariables(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(/(\\*)\$\{([^${}?]+)(\?)?\}/g, (whole, slashes: string, name: string, optional) => {
    const kept = slashes.slice(0, Math.floor(slashes.length / 2))
    if (slashes.length % 2 === 1) return kept + whole.slice(slashes.length)
    return kept + (env[name] ?? (optional === undefined ? `\${${name}}` : ''))
  })
}

/** Below it lies the machine's `etc/npmrc`, unless a variable names another file. */
function prefixOfNode(env: NodeJS.ProcessEnv): string {
  const program = path.dirname(process.execPath)
  return env['PREFIX'] || (process.platform === 'win32' ? program : path.dirname(program))
}

/** The nearest folder upwards with a `package.json` or `node_modules`; else the folder itself. */
async function projectFolder(folder: string): Promise<string> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    for (const mark of ['package.json', 'node_modules'])
      if ((await stat(path.join(place, mark)).catch(() => undefined)) !== undefined) return place
    if (place === path.dirname(place)) return folder
  }
}

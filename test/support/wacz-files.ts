import { createHash, generateKeyPairSync, KeyObject, sign, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { WACZ } from '@harvard-lil/js-wacz'
import { ZipFile } from 'yazl'
import { written } from './archived-pages.ts'

/** Who signs a package: an anonymous key, or a key with a certificate of a domain. */
export type Signer =
  | { anonymous: KeyObject; publicKey: KeyObject }
  | { key: KeyObject; domain: string; certificate: string }

export interface WaczOptions {
  pages?: readonly { id?: string; url: string; title?: string }[]
  signer?: Signer
  /** Changes files after they were hashed and signed. */
  change?: (files: Map<string, Buffer>) => void
  /** As somebody who unpacked it and packed it again would. */
  compress?: boolean
}

/** A WACZ package as ArchiveWeb.page writes it: hashes, pages, and a signature when there is a signer. */
export async function waczOf(
  warcs: Record<string, Buffer>,
  { pages = [], signer, change, compress = false }: WaczOptions = {},
): Promise<Buffer> {
  const files = new Map<string, Buffer>()
  for (const [name, bytes] of Object.entries(warcs)) files.set(`archive/${name}`, bytes)
  const lines = [{ format: 'json-pages-1.0', id: 'pages', title: 'All Pages' }, ...pages].map(
    (page) => `${JSON.stringify(page)}\n`,
  )
  files.set('pages/pages.jsonl', Buffer.from(lines.join('')))
  const resources = [...files].map(([name, bytes]) => ({
    name: path.basename(name),
    path: name,
    hash: `sha256:${sha256(bytes)}`,
    bytes: bytes.byteLength,
  }))
  const dataPackage = JSON.stringify({
    profile: 'data-package',
    wacz_version: '1.1.1',
    software: 'test packer 1.0',
    created: '2024-03-01T12:00:00Z',
    resources,
  })
  files.set('datapackage.json', Buffer.from(dataPackage))
  const hash = `sha256:${sha256(Buffer.from(dataPackage))}`
  const signedData = signer === undefined ? {} : { signedData: signedBy(signer, hash) }
  files.set(
    'datapackage-digest.json',
    Buffer.from(JSON.stringify({ path: 'datapackage.json', hash, ...signedData })),
  )
  change?.(files)
  const zip = new ZipFile()
  for (const [name, bytes] of files) zip.addBuffer(bytes, name, { compress })
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

/** The same by the public tool `js-wacz`, which finds pages in the WARC file by itself. */
export async function waczByTool(folder: string, warc: Buffer): Promise<string> {
  const input = written(folder, 'crawl.warc.gz', warc)
  const output = path.join(folder, 'crawl.wacz')
  const log = { ...console, trace() {}, info() {}, warn() {}, error() {}, setLevel() {} }
  await new WACZ({ input, output, log, detectPages: true }).process()
  if (readFileSync(output).byteLength === 0) throw new Error('js-wacz wrote nothing')
  return output
}

export function anonymousSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  return { anonymous: privateKey, publicKey }
}

/** A key with a certificate that it signed itself: nobody knows its issuer. */
export async function domainSigner(domain: string): Promise<Signer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${domain}`,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: domain }])],
  })
  return { key: KeyObject.from(keys.privateKey), domain, certificate: certificate.toString('pem') }
}

function signedBy(signer: Signer, hash: string): Record<string, string> {
  const common = { hash, created: new Date().toISOString(), software: 'ArchiveWeb.page 0.11.3' }
  if ('anonymous' in signer) {
    const signature = sign('sha256', Buffer.from(hash), { key: signer.anonymous, dsaEncoding: 'ieee-p1363' })
    const publicKey = signer.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    return { ...common, signature: signature.toString('base64'), publicKey }
  }
  const signature = sign('sha256', Buffer.from(hash), { key: signer.key, dsaEncoding: 'der' })
  return {
    ...common,
    signature: signature.toString('base64'),
    domain: signer.domain,
    domainCert: signer.certificate,
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

import { createHash, KeyObject, sign, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509'
import { expect, test } from 'vitest'
import { checkSignature } from './wacz-signature.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DOMAIN = 'archive.example'
const HASH = `sha256:${createHash('sha256').update('datapackage').digest('hex')}`
let serial = 0

interface Authority {
  name: string
  keys: webcrypto.CryptoKeyPair
}

async function authority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  return { name: `CN=${name}`, keys: keys }
}

function certify(of: Authority, by: Authority, isLeaf = false): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: String(++serial).padStart(2, '0'),
    subject: of.name,
    issuer: by.name,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: ALGORITHM,
    publicKey: of.keys.publicKey,
    signingKey: by.keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(!isLeaf, undefined, true),
      ...(isLeaf ? [new SubjectAlternativeNameExtension([{ type: 'dns', value: DOMAIN }])] : []),
    ],
  })
}

function verdictOf(
  leaf: Authority,
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): string {
  const key = KeyObject.from(leaf.keys.privateKey)
  const signature = sign('sha256', Buffer.from(HASH), { key, dsaEncoding: 'der' }).toString('base64')
  const domainCert = chain.map((one) => one.toString('pem')).join('\n')
  const signedData = { hash: HASH, signature, domain: DOMAIN, domainCert, created: new Date().toISOString() }
  return checkSignature(
    { signedData },
    HASH,
    roots.map((root) => root.toString('pem')),
  ).verdict
}

test('a chain is followed past a root that another one has signed, in any order, and past what belongs to no path', async () => {
  const [old, root, between, leaf, stranger] = await Promise.all(
    ['Old Root', 'Root', 'Between', DOMAIN, 'Stranger'].map(authority),
  )
  const itself = await certify(root, root)
  const cross = await certify(root, old)
  const middle = await certify(between, root)
  const end = await certify(leaf, between, true)
  const other = await certify(stranger, stranger)
  // The root is known by itself; what was sent along is the one that the old root signed.
  expect(verdictOf(leaf, [end, middle, cross], [itself])).toBe('valid')
  expect(verdictOf(leaf, [end, cross, middle], [itself])).toBe('valid')
  expect(verdictOf(leaf, [end, other, middle], [itself])).toBe('valid')
  // The old root alone is known.
  expect(verdictOf(leaf, [end, middle, cross], [await certify(old, old)])).toBe('valid')
  // Sent along is a root that signed itself and is not the one that is known under this name.
  const impostor = { ...(await authority('Root')), name: root.name }
  const false1 = await certify(between, impostor)
  expect(verdictOf(leaf, [end, false1, await certify(impostor, impostor)], [itself])).toBe('unchecked')
  expect(verdictOf(leaf, [end, middle], [other])).toBe('unchecked')
  expect(verdictOf(leaf, [end], [itself])).toBe('unchecked')
})

test('a certificate that may not issue others issues none', async () => {
  const [root, shop, leaf] = await Promise.all(['Root', 'shop.example', DOMAIN].map(authority))
  const itself = await certify(root, root)
  const ofShop = await certify(shop, root, true)
  const forged = await certify(leaf, shop, true)
  expect(verdictOf(leaf, [forged, ofShop], [itself])).toBe('unchecked')
})

test('a key or hash of a kind that is not read could not be checked; a wrong signature is invalid', async () => {
  const { keys } = await authority('x')
  const publicKey = KeyObject.from(keys.publicKey).export({ type: 'spki', format: 'der' }).toString('base64')
  const signature = Buffer.alloc(64, 1).toString('base64')
  const verdict = (signedData: object): string => checkSignature({ signedData }, HASH).verdict
  expect(verdict({ hash: HASH, signature, publicKey })).toBe('invalid')
  expect(verdict({ hash: HASH, signature, publicKey: 'AAAA' })).toBe('unchecked')
  expect(verdict({ hash: 'blake3:00', signature, publicKey })).toBe('unchecked')
})

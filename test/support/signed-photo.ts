import { webcrypto } from 'node:crypto'
import {
  X509CertificateGenerator,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  KeyUsageFlags,
  BasicConstraintsExtension,
  AuthorityKeyIdentifierExtension,
} from '@peculiar/x509'
import { JPEG } from '@trustnxt/c2pa-ts/asset'
import { CoseAlgorithmIdentifier, LocalSigner } from '@trustnxt/c2pa-ts/cose'
import { ActionAssertion, ActionType, DataHashAssertion, ManifestStore } from '@trustnxt/c2pa-ts/manifest'

/**
 * A JPEG with a C2PA manifest, signed by a certificate that nobody knows.
 * @param opened with an action that names no picture it began from, as older writers wrote it
 */
export async function signedJpeg(photo: Buffer, { opened = false } = {}): Promise<Buffer> {
  const signer = await testSigner()
  const asset = new JPEG(new Uint8Array(photo))
  const store = new ManifestStore()
  const manifest = store.createManifest({
    assetFormat: 'image/jpeg',
    instanceID: 'xmp:iid:test',
    defaultHashAlgorithm: 'SHA-256',
    signer,
  })
  manifest.claim!.title = 'Photo'
  manifest.claim!.claimGeneratorName = 'test camera'
  const hash = DataHashAssertion.create('SHA-512')
  manifest.addAssertion(hash)
  if (opened) {
    const actions = new ActionAssertion()
    actions.actions = [{ action: ActionType.C2paOpened }]
    manifest.addAssertion(actions)
  }
  await asset.ensureManifestSpace(store.measureSize())
  await hash.updateWithAsset(asset)
  await manifest.sign(signer)
  await asset.writeManifestJUMBF(store.getBytes())
  return Buffer.from(await asset.getDataRange())
}

async function testSigner(): Promise<LocalSigner> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: '01',
    subject: 'CN=Test signer, O=Likeness',
    issuer: 'CN=Test authority, O=Likeness',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.4'], true),
      await AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const key = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return new LocalSigner(key, CoseAlgorithmIdentifier.ES256, certificate)
}

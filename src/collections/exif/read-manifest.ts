import { BMFF, JPEG, PNG, type Asset } from '@trustnxt/c2pa-ts/asset'
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf'
import { ActionAssertion, ManifestStore, ValidationResult } from '@trustnxt/c2pa-ts/manifest'
import type { ManifestFacts } from './file-provenance.ts'

const MAX_PROBLEMS = 10
const MAX_ACTIONS = 20
const MAX_TEXT = 300

/**
 * Reads and checks Content Credentials (C2PA 2.1): hashes of the file and of every statement, and the signature over them.
 * The chain of the certificate is not followed: `valid` says that nothing was changed since it was signed, not who signed.
 * Nothing is fetched, so a manifest that stands elsewhere is not seen.
 */
export async function readManifest(bytes: Uint8Array<ArrayBuffer>): Promise<ManifestFacts> {
  let asset: Asset
  let jumbf: Uint8Array<ArrayBuffer> | undefined
  try {
    const found = assetOf(bytes)
    if (found === undefined)
      return { state: 'present', problems: ['Manifests in files of this format are not read here.'] }
    asset = found
    const box = asset.getManifestJUMBF()
    jumbf = box === undefined ? undefined : new Uint8Array(box)
  } catch (error) {
    return { state: 'present', problems: [sentence(error)] }
  }
  if (jumbf === undefined) return { state: 'absent' }
  try {
    const store = ManifestStore.read(SuperBox.fromBuffer(jumbf))
    const result = await store.validate(asset)
    return { state: result.isValid ? 'valid' : 'invalid', ...factsOf(store), ...problemsOf(result) }
  } catch (error) {
    return {
      state: 'invalid',
      ...problemsOf(ValidationResult.fromError(error instanceof Error ? error : new Error(String(error)))),
    }
  }
}

function assetOf(bytes: Uint8Array<ArrayBuffer>): Asset | undefined {
  if (JPEG.canRead(bytes)) return new JPEG(bytes)
  if (PNG.canRead(bytes)) return new PNG(bytes)
  return BMFF.canRead(bytes) ? new BMFF(bytes) : undefined
}

function factsOf(store: ManifestStore): Partial<ManifestFacts> {
  const manifest = store.getActiveManifest()
  const claim = manifest?.claim
  const signature = manifest?.signature?.signatureData
  const generator = [claim?.claimGeneratorName, claim?.claimGeneratorVersion].filter(Boolean).join(' ')
  const subject = signature?.certificate?.subject
  const signedAt = signature?.timestamp
  const actions = (manifest?.assertions?.assertions ?? []).flatMap((assertion) =>
    assertion instanceof ActionAssertion ? assertion.actions.map(({ action }) => action as string) : [],
  )
  return {
    ...(claim?.title === undefined ? {} : { title: short(claim.title) }),
    ...(generator === '' ? {} : { generator: short(generator) }),
    ...(subject === undefined ? {} : { signer: short(subject) }),
    ...(signedAt === undefined ? {} : { signedAt: signedAt.toISOString() }),
    ...(actions.length === 0 ? {} : { actions: actions.slice(0, MAX_ACTIONS).map(short) }),
  }
}

function problemsOf(result: ValidationResult): Partial<ManifestFacts> {
  const problems = result.statusEntries
    .filter(({ success }) => !success)
    .map(({ code, explanation }) => short([code, explanation].filter(Boolean).join(': ')))
  return problems.length === 0 ? {} : { problems: [...new Set(problems)].slice(0, MAX_PROBLEMS) }
}

function short(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, MAX_TEXT)
}

function sentence(error: unknown): string {
  return short(error instanceof Error ? error.message : String(error))
}

import { BMFF, JPEG, PNG, type Asset } from '@trustnxt/c2pa-ts/asset'
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf'
import {
  ActionAssertion,
  DataHashAssertion,
  IngredientAssertion,
  type Manifest,
  ManifestStore,
  RelationshipType,
  type ValidationResult,
} from '@trustnxt/c2pa-ts/manifest'
import type { ManifestFacts } from './file-provenance.ts'

const MAX_PROBLEMS = 10
const MAX_ACTIONS = 20
const MAX_TEXT = 300

/** Codes that say that something is not what was signed (C2PA 2.1, 15.2): of the signature, a statement, or the file. */
const CHANGED = new Set<string>([
  'claimSignature.mismatch',
  'assertion.hashedURI.mismatch',
  'hashedURI.mismatch',
  'assertion.dataHash.mismatch',
  'assertion.bmffHash.mismatch',
  'assertion.boxesHash.mismatch',
  'assertion.boxesHash.unknownBox',
  'assertion.collectionHash.mismatch',
  'ingredient.manifest.mismatch',
  'ingredient.claimSignature.mismatch',
])
/** Those of them that speak of a manifest itself, not of the file that it was made for. */
const CHANGED_INSIDE = new Set<string>([
  'claimSignature.mismatch',
  'assertion.hashedURI.mismatch',
  'hashedURI.mismatch',
])
const BOUND = new Set<string>([
  'assertion.dataHash.match',
  'assertion.bmffHash.match',
  'assertion.boxesHash.match',
])
const SIGNED = new Set<string>(['claimSignature.validated'])
/** Failures of form: rules that changed between versions of the standard, times of others. Hashes and signature hold without them. */
const OF_FORM = /^(timeStamp|assertion\.action|manifest\.update|ingredient\.unknownProvenance)/
/** Manifests that are followed from an update to what it updates. */
const MAX_UPDATES = 20

/**
 * Reads and checks Content Credentials (C2PA 2.1): hashes of the file and of every statement, and the signature over them.
 * Only what differs from what was signed is `invalid`; what could not be checked is `present`, with what was found.
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
    const store = readStore(jumbf)
    const found = await check(store, asset)
    return { state: stateOf(found), ...factsOf(store, found), ...problemsOf(found) }
  } catch (error) {
    // What is not even well-formed was not signed so.
    return {
      state: NOT_WELL_FORMED.test(sentence(error)) ? 'invalid' : 'present',
      problems: [sentence(error)],
    }
  }
}

const NOT_WELL_FORMED = /Invalid CBOR data/

/** Times of others stand outside of what is signed; where theirs is of a form that is not read, the rest is read without. */
function readStore(jumbf: Uint8Array<ArrayBuffer>): ManifestStore {
  try {
    return ManifestStore.read(SuperBox.fromBuffer(jumbf))
  } catch (error) {
    const root = SuperBox.fromBuffer(jumbf)
    if (!dropTimeStamps(root)) throw error
    return ManifestStore.read(root)
  }
}

/** @returns whether there were any */
function dropTimeStamps(box: SuperBox): boolean {
  let hasDropped = false
  for (const inner of box.contentBoxes) {
    if (inner instanceof SuperBox) hasDropped = dropTimeStamps(inner) || hasDropped
    // COSE_Sign1: protected header, header that is not signed, payload, signature (RFC 9052, 4.2).
    const content: unknown = 'content' in inner ? inner.content : undefined
    const header: unknown = Array.isArray(content) ? content[1] : undefined
    if (box.descriptionBox?.label !== 'c2pa.signature' || typeof header !== 'object' || header === null)
      continue
    for (const name of ['sigTst', 'sigTst2'])
      if (name in header) hasDropped = Reflect.deleteProperty(header, name) || hasDropped
  }
  return hasDropped
}

type Entry = ValidationResult['statusEntries'][number]

/**
 * All that checking finds. The library leaves out the file's own hash as soon as anything else fails, so it is asked for
 * here; an update has none, and the manifest that it updates is checked with it. Of other manifests, those of pictures
 * that went into this one, counts what was changed in them.
 */
async function check(store: ManifestStore, asset: Asset): Promise<Entry[]> {
  const found: Entry[] = []
  const checked = new Set<Manifest>()
  let manifest = store.getActiveManifest()
  for (let isUpdated = false; manifest !== undefined && !checked.has(manifest); isUpdated = true) {
    checked.add(manifest)
    const bindings = manifest.assertions?.getHardBindings() ?? []
    if (isUpdated) for (const binding of bindings) leaveOutWholeStore(binding, asset)
    found.push(...(await manifest.validate(asset)).statusEntries)
    for (const binding of bindings) found.push(...(await binding.validateAgainstAsset(asset)).statusEntries)
    if (bindings.length > 0 || checked.size > MAX_UPDATES) break
    manifest = updatedBy(manifest, store)
  }
  for (const other of store.manifests) {
    if (checked.has(other)) continue
    const { statusEntries } = await other.validate(asset)
    found.push(...statusEntries.filter(({ code }) => CHANGED_INSIDE.has(code)))
  }
  return found
}

/** The place of manifests, which a file's hash leaves out, grew with each update since the hash was made. */
function leaveOutWholeStore(binding: unknown, asset: Asset): void {
  if (!(binding instanceof DataHashAssertion)) return
  const place = asset.getHashExclusionRange()
  binding.exclusions = binding.exclusions.map((left) => (left.start === place.start ? place : left))
}

function updatedBy(manifest: Manifest, store: ManifestStore): Manifest | undefined {
  const [parent] = (manifest.assertions?.assertions ?? []).filter(
    (assertion) =>
      assertion instanceof IngredientAssertion && assertion.relationship === RelationshipType.ParentOf,
  ) as IngredientAssertion[]
  const label = /^self#jumbf=\/c2pa\/([^/]+)/.exec(parent?.activeManifest?.uri ?? '')?.[1]
  return label === undefined ? undefined : store.getManifestByLabel(label)
}

function stateOf(found: readonly Entry[]): ManifestFacts['state'] {
  if (found.some(({ code }) => CHANGED.has(code))) return 'invalid'
  const isChecked = found.some(({ code }) => SIGNED.has(code)) && found.some(({ code }) => BOUND.has(code))
  const isWhole = found.every(({ success, code }) => success !== false || OF_FORM.test(code))
  return isChecked && isWhole ? 'valid' : 'present'
}

function assetOf(bytes: Uint8Array<ArrayBuffer>): Asset | undefined {
  if (JPEG.canRead(bytes)) return jpegOf(bytes)
  if (PNG.canRead(bytes)) return new PNG(bytes)
  return BMFF.canRead(bytes) ? new BMFF(bytes) : undefined
}

/** One cut short gets an end, so that its manifest is read, and its hash says that it is not what was signed. */
function jpegOf(bytes: Uint8Array<ArrayBuffer>): JPEG {
  try {
    return new JPEG(bytes)
  } catch {
    const ended = new Uint8Array(bytes.byteLength + JPEG_END.length)
    ended.set(bytes)
    ended.set(JPEG_END, bytes.byteLength)
    return new JPEG(ended)
  }
}

const JPEG_END = [0xff, 0xd9]

function factsOf(store: ManifestStore, found: readonly Entry[]): Partial<ManifestFacts> {
  const manifest = store.getActiveManifest()
  const claim = manifest?.claim
  const signature = manifest?.signature?.signatureData
  const generator = [claim?.claimGeneratorName, claim?.claimGeneratorVersion].filter(Boolean).join(' ')
  const subject = signature?.certificate?.subject
  const isTimeDoubtful = found.some(({ success, code }) => success === false && code.startsWith('timeStamp'))
  const signedAt = isTimeDoubtful ? undefined : signature?.timestamp
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

function problemsOf(found: readonly Entry[]): Partial<ManifestFacts> {
  const problems = found
    .filter(({ success }) => success === false)
    .map(({ code, explanation }) => short([code, explanation].filter(Boolean).join(': ')))
  return problems.length === 0 ? {} : { problems: [...new Set(problems)].slice(0, MAX_PROBLEMS) }
}

function short(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, MAX_TEXT)
}

function sentence(error: unknown): string {
  return short(error instanceof Error ? error.message : String(error))
}

import { createHash } from 'node:crypto'
import { reasonOf } from '../../errors.ts'
import { MAX_LIST_BYTES } from './archive-limits.ts'
import { ByteFeed, type ByteSource, type RangedBytes } from './byte-feed.ts'
import { sameName } from '../file-names.ts'
import type { RefusalReason } from '../refusal.ts'
import type { Verdict } from '../../store/tables/archive-tables.ts'
import { ArchiveFault, type ArchiveFacts } from './capture.ts'
import { checkDigest, DigestCheck } from './claimed-digest.ts'
import { isGzipAt } from './gzip-member.ts'
import { canonical, kept, type WarcSurvey } from './survey-warc.ts'
import { checkSignature, recordOf, textOf } from './wacz-signature.ts'
import { openZipPackage, textInPackage, type ZipPackage } from './zip-package.ts'

/** Longest line of a list of pages: they may carry the text of the page. */
const MAX_PAGE_LINE_BYTES = 8 * 1024 * 1024
/** Sentences about one package; the others are counted. */
const MAX_PROBLEMS = 50
const PACKAGE = 'datapackage.json'
const PACKAGE_DIGEST = 'datapackage-digest.json'

/**
 * js-wacz to its version 0.1.6 feeds every piece of a WARC file (64 KiB, what Node reads at once) into the hash twice. A
 * hash that fits so holds as firmly as any other; told as different it would raise an alarm over every package of Perma.
 */
const PIECE_BYTES = 64 * 1024
const DOUBLING_SOFTWARE = /js-wacz 0\.(0\.\d+|1\.[0-6])$/

/** A file that was not read for these reasons may well be as it should be. */
const UNREAD_REASONS: ReadonlySet<string> = new Set<RefusalReason>([
  'encrypted_entry',
  'unsupported_compression',
  'too_many_bytes',
  'read_failed',
])

type PackageFacts = Pick<
  ArchiveFacts,
  'packageVerdict' | 'signatureVerdict' | 'signedBy' | 'signedAt' | 'software' | 'problems'
>

/**
 * Surveys a WACZ package (Web Archive Collection Zipped 1.1.1): hashes of its files, signature, list of pages, and every
 * WARC file in it.
 * @throws ArchiveFault when the zip itself cannot be read
 */
export async function surveyWacz(bytes: RangedBytes, survey: WarcSurvey): Promise<PackageFacts> {
  const zip = await openZipPackage(bytes)
  for (const name of zip.unsafe) survey.refuse(name, 'unsafe_path', 'Its path leads out of the package.')
  const facts = await checkPackage(zip)
  await readPages(zip, survey)
  for (const name of zip.names) {
    if (/^archive\/.+\.wacz$/i.test(name) || /\.wacz$/i.test(name))
      survey.refuse(name, 'nested_archive', 'It is a package inside the package; import it on its own.')
    else if (/\.warc(\.gz)?$/i.test(name) || name.startsWith('archive/')) await readMember(zip, name, survey)
  }
  return facts
}

async function readMember(zip: ZipPackage, name: string, survey: WarcSurvey): Promise<void> {
  try {
    const member = await zip.locate(name)
    const source = await zip.open(name)
    if (await isWarc(source)) await survey.read(source, member)
    else survey.refuse(name, 'damaged_archive', 'It should be a WARC file and is none.')
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    survey.refuse(name, error.reason, `It cannot be read: ${error.message}.`)
  }
}

export async function isWarc(source: ByteSource): Promise<boolean> {
  if (await isGzipAt(source, 0)) return true
  const feed = new ByteFeed(source.read(0))
  try {
    return (await feed.peek(5)).toString('latin1') === 'WARC/'
  } finally {
    await feed.close()
  }
}

async function checkPackage(zip: ZipPackage): Promise<PackageFacts> {
  const problems: string[] = []
  const say = (problem: string): void => void (problems.length < MAX_PROBLEMS && problems.push(kept(problem)))
  for (const name of zip.unsafe) say(`The package holds '${name}', whose path leads out of it.`)
  for (const name of zip.doubled) say(`The package holds '${name}' twice; the first is read.`)
  if (!zip.names.includes(PACKAGE))
    return {
      packageVerdict: 'absent',
      signatureVerdict: 'absent',
      problems: [...problems, 'The package has no datapackage.json.'],
    }
  const text = await textInPackage(zip, PACKAGE, MAX_LIST_BYTES)
  const dataPackage = recordOf(parsed(text))
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`
  const hashes = await checkResources(zip, dataPackage, say)
  const digestFile = zip.names.includes(PACKAGE_DIGEST)
    ? parsed(await textInPackage(zip, PACKAGE_DIGEST, MAX_LIST_BYTES))
    : undefined
  if (digestFile === undefined && zip.names.includes(PACKAGE_DIGEST))
    say('datapackage-digest.json is no JSON: who signed the package could not be checked.')
  const claimed = checkDigest(textOf(recordOf(digestFile)?.['hash']), Buffer.from(text))
  if (claimed.verdict === 'invalid')
    say('The hash of datapackage.json differs from the one in datapackage-digest.json.')
  if (claimed.verdict === 'unchecked')
    say('The hash in datapackage-digest.json is of a kind that could not be checked here.')
  const signature = checkSignature(digestFile, hash)
  for (const problem of signature.problems) say(problem)
  const software = signature.software ?? textOf(dataPackage?.['software'])
  const isBroken = zip.doubled.length > 0 || zip.unsafe.length > 0 || claimed.verdict === 'invalid'
  return {
    packageVerdict: isBroken ? 'invalid' : hashes,
    signatureVerdict: signature.verdict,
    ...(signature.signedBy === undefined ? {} : { signedBy: kept(signature.signedBy) }),
    ...(signature.signedAt === undefined ? {} : { signedAt: kept(signature.signedAt) }),
    ...(software === undefined ? {} : { software: kept(software).slice(0, 200) }),
    problems,
  }
}

/** Hashes every file that the data package names, and names those that it does not. */
async function checkResources(
  zip: ZipPackage,
  dataPackage: Record<string, unknown> | undefined,
  say: (problem: string) => void,
): Promise<Verdict> {
  const list = dataPackage?.['resources']
  if (!Array.isArray(list)) {
    if (dataPackage !== undefined) {
      say('datapackage.json lists no resources.')
      return 'absent'
    }
    say('datapackage.json is no JSON: the hashes of the package could not be checked.')
    return 'unchecked'
  }
  const listed = new Set<string>()
  let verdict: Verdict = list.length === 0 ? 'absent' : 'valid'
  for (const entry of list.map(recordOf)) {
    const path = textOf(entry?.['path'])
    if (path === undefined) continue
    const name = zip.names.includes(path) ? path : sameName(path)
    listed.add(name)
    const isDoubled = DOUBLING_SOFTWARE.test(textOf(dataPackage?.['software']) ?? '')
    const { problem, isUnchecked } = await checkResource(zip, name, hashOf(entry), isDoubled)
    if (problem === undefined) continue
    say(problem)
    if (!isUnchecked) verdict = 'invalid'
    else if (verdict === 'valid') verdict = 'unchecked'
  }
  for (const name of zip.names) {
    if (listed.has(name) || !/^(archive|pages|indexes)\//.test(name)) continue
    say(`'${name}' is in the package and not in its list.`)
    verdict = 'invalid'
  }
  return verdict
}

/**
 * The hash that the package claims of a file, with its kind: in `hash`, or, as py-wacz wrote it before WACZ 1.1.0, in
 * `stats.hash` with its kind in `hashing`.
 */
function hashOf(entry: Record<string, unknown> | undefined): string | undefined {
  const hash = textOf(entry?.['hash']) ?? textOf(recordOf(entry?.['stats'])?.['hash'])
  const kind = textOf(entry?.['hashing'])
  return hash === undefined || kind === undefined || hash.includes(':') ? hash : `${kind}:${hash}`
}

/** @param isDoubled whether a hash over every 64 KiB taken twice is the right one as well */
async function checkResource(
  zip: ZipPackage,
  name: string,
  claimed: string | undefined,
  isDoubled: boolean,
): Promise<{ problem: string | undefined; isUnchecked: boolean }> {
  if (!zip.names.includes(name))
    return { problem: `'${name}' is listed and not in the package.`, isUnchecked: false }
  const once = new DigestCheck(claimed)
  const twice = new DigestCheck(isDoubled ? claimed : undefined)
  try {
    if (once.isDue)
      for await (const chunk of inPieces((await zip.open(name)).read(0))) {
        once.update(chunk)
        twice.update(chunk)
        twice.update(chunk)
      }
  } catch (error) {
    const isUnread = error instanceof ArchiveFault && UNREAD_REASONS.has(error.reason)
    return { problem: `'${name}' cannot be read: ${reasonOf(error)}.`, isUnchecked: isUnread }
  }
  const verdict = twice.result().verdict === 'valid' ? 'valid' : once.result().verdict
  if (verdict === 'valid') return { problem: undefined, isUnchecked: false }
  if (verdict === 'invalid')
    return { problem: `The hash of '${name}' differs from the one in datapackage.json.`, isUnchecked: false }
  return {
    problem: `The hash of '${name}' is missing or of a kind that could not be checked here.`,
    isUnchecked: true,
  }
}

/** The same bytes in pieces of exactly `PIECE_BYTES`, the last one shorter. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const feed = new ByteFeed(chunks)
  for (;;) {
    const piece = Buffer.from((await feed.peek(PIECE_BYTES)).subarray(0, PIECE_BYTES))
    if (piece.byteLength === 0) return
    await feed.skip(piece.byteLength)
    yield piece
  }
}

/** pages/pages.jsonl and pages/extraPages.jsonl: the pages that somebody, or a crawler, went to. */
async function readPages(zip: ZipPackage, survey: WarcSurvey): Promise<void> {
  for (const name of zip.names.filter((one) => /^pages\/[^/]+\.jsonl$/i.test(one))) {
    try {
      const feed = new ByteFeed((await zip.open(name)).read(0))
      for (
        let line = await feed.line(MAX_PAGE_LINE_BYTES);
        line !== undefined;
        line = await feed.line(MAX_PAGE_LINE_BYTES)
      ) {
        const page = recordOf(parsed(line.toString('utf8')))
        const url = canonical(textOf(page?.['url']) ?? '')
        if (url === undefined) continue
        const title = textOf(page?.['title'])
        survey.graph.addListedPage(
          url,
          textOf(page?.['id']),
          title === undefined ? undefined : kept(title).slice(0, 500),
        )
      }
    } catch (error) {
      survey.problems.push(
        `The list of pages '${kept(name)}' cannot be read to its end (${reasonOf(error)}).`,
      )
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

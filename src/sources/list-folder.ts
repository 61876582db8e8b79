import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { refusedItem, type KeepArchive, type ListedItem } from './source-item.ts'
import type { FileDescription } from './tool-output/described-row.ts'
import {
  claimsFrom,
  describeFiles,
  mayBeList,
  NOTHING_DESCRIBED,
  type Descriptions,
} from './tool-output/descriptions.ts'
import type { ArchiveFacts, ClaimedDigest } from './web-archive/capture.ts'
import { DigestCheck } from './web-archive/claimed-digest.ts'
import { detectArchive } from './web-archive/detect-archive.ts'
import { listArchive } from './web-archive/web-archive-source.ts'

/** Files whose names say that they are pictures or videos are not looked into: there may be a million. */
const MEDIA_NAMES = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf]|mp4|m4v|mov|mkv|webm|avi|3gp|ts|mts)$/i

/**
 * Items of a folder with everything that stands in it: web archives first, then the other files, with what lists and saved
 * pages say of them. Names are only held when there is a list that may speak of them.
 */
export async function* listFolder(
  root: string,
  walk: () => AsyncGenerator<ListedItem>,
  keep: KeepArchive | undefined,
): AsyncGenerator<ListedItem> {
  const others: string[] = []
  for await (const { name, refusal } of walk())
    if (refusal === undefined && !MEDIA_NAMES.test(name)) others.push(name)
  const described = await describeFolder(root, walk, others)
  const inSavedPages = new Map<string, ListedItem>()
  const archives = new Set<string>()
  for (const name of others) {
    if (described.lists.has(name)) continue
    const file = path.join(root, name)
    const kind = await detectArchive(file).catch(() => undefined)
    if (kind === undefined) continue
    archives.add(name)
    const description = described.files.get(name)
    const digest = await checkFile(file, description?.digest)
    for await (const found of listArchive(file, kind, name, name, keepWith(keep, digest, description))) {
      // Pictures in the folder of a saved page are files of this folder: they come as such, with what the page says.
      const isBeside =
        kind === 'saved_page' && found.claims?.capture?.place === undefined && found.refusal === undefined
      if (isBeside) inSavedPages.set(besideOf(name, found.name), found)
      else yield withDescription(found, description)
    }
    if (digest.verdict === 'invalid') yield changedArchive(name, digest)
  }
  for await (const item of walk()) {
    if (described.lists.has(item.name) || archives.has(item.name)) continue
    const claims =
      item.refusal === undefined
        ? { ...inSavedPages.get(item.name)?.claims, ...claimsFrom(described.files.get(item.name)) }
        : {}
    yield Object.keys(claims).length === 0 ? item : { ...item, claims }
  }
  yield* described.refused
}

async function describeFolder(
  root: string,
  walk: () => AsyncGenerator<ListedItem>,
  others: readonly string[],
): Promise<Descriptions> {
  if (!others.some(mayBeList)) return NOTHING_DESCRIBED
  const names: string[] = []
  for await (const { name, refusal } of walk()) if (refusal === undefined) names.push(name)
  return describeFiles(names, async (name, limit) => {
    const file = path.join(root, name)
    const facts = await stat(file).catch(() => undefined)
    if (facts === undefined || facts.size > limit) return undefined
    return readFile(file).catch(() => undefined)
  })
}

/** An archive that stands in a list of hashes carries the verdict with it. */
function keepWith(
  keep: KeepArchive | undefined,
  digest: ClaimedDigest,
  description: FileDescription | undefined,
): KeepArchive | undefined {
  if (keep === undefined || digest.verdict === 'absent') return keep
  return (facts, records) => keep(withVerdict(facts, digest, description), records)
}

function withVerdict<Facts extends ArchiveFacts>(
  facts: Facts,
  digest: ClaimedDigest,
  description: FileDescription | undefined,
): Facts {
  const by = description?.tool === 'hunchly' ? "Hunchly's list" : 'a list beside it'
  const problem = digest.verdict === 'invalid' ? [`Its hash is not the one in ${by}.`] : []
  const packageVerdict = facts.packageVerdict === 'invalid' ? 'invalid' : digest.verdict
  return { ...facts, packageVerdict, problems: [...facts.problems, ...problem] }
}

function withDescription(item: ListedItem, description: FileDescription | undefined): ListedItem {
  const capture = item.claims?.capture
  if (description === undefined || capture === undefined) return item
  const { other, tool, claims } = description
  return {
    ...item,
    claims: {
      ...item.claims,
      ...claims,
      capture: {
        ...capture,
        // Hunchly's pages are MHTML; that they are Hunchly's is known from its list.
        ...(tool === 'hunchly' && capture.tool === 'mhtml' ? { tool } : {}),
        ...(other === undefined ? {} : { other: { ...other, ...capture.other } }),
      },
    },
  }
}

function changedArchive(name: string, { claimed = '', observed = '' }: ClaimedDigest): ListedItem {
  return refusedItem(
    name,
    'digest_differs',
    `The archive was changed: it should have ${claimed} and has ${observed}. What it holds was taken in and is marked.`,
  )
}

async function checkFile(file: string, claimed: string | undefined): Promise<ClaimedDigest> {
  const check = new DigestCheck(claimed)
  if (check.isDue)
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) check.update(chunk)
  return check.result()
}

function besideOf(page: string, name: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(page), name))
}

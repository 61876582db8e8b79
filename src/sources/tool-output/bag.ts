import { createHash } from 'node:crypto'
import path from 'node:path'
import { refusedItem, type ListedItem } from '../source-item.ts'
import { parseDigest } from '../web-archive/claimed-digest.ts'
import type { DescribedRow } from './described-row.ts'

/** A bag's own files beside its payload: BagIt 1.0 (RFC 8493), sections 2.1 and 2.2, and 0.93's package-info.txt. */
const TAG_FILES = /^(bagit|bag-info|package-info|fetch)\.txt$|^(tag)?manifest-[a-z0-9-]+\.txt$/i
const DECLARATION = 'bagit.txt'

/** Folders that are bags, by their declaration. */
export function bagFolders(names: readonly string[]): Set<string> {
  return new Set(
    names
      .filter((name) => path.posix.basename(name).toLowerCase() === DECLARATION)
      .map((name) => path.posix.dirname(name)),
  )
}

export function isTagFile(name: string, bags: ReadonlySet<string>): boolean {
  return bags.has(path.posix.dirname(name)) && TAG_FILES.test(path.posix.basename(name))
}

/** The rows of a manifest of a bag: hash, white space, path. */
export function bagManifest(name: string, text: string): DescribedRow[] {
  const kind = /manifest-([a-z0-9-]+)\.txt$/i.exec(name)?.[1] ?? ''
  return text.split(/\r\n|\r|\n/).flatMap((line): DescribedRow[] => {
    const match = /^([0-9a-fA-F]+)[ \t]+\*?(.+)$/.exec(line)
    if (match === null) return []
    const digest = `${kind}:${match[1].toLowerCase()}`
    return [{ files: [{ name: pathOf(match[2]), description: { tool: 'hash_list', claims: {}, digest } }] }]
  })
}

/** `fetch.txt`: address, length, path. The address is where a file came from; one that is missing is still to be fetched. */
export function bagFetches(text: string): DescribedRow[] {
  return text.split(/\r\n|\r|\n/).flatMap((line): DescribedRow[] => {
    const match = /^(\S+)[ \t]+(\d+|-)[ \t]+(.+)$/.exec(line)
    if (match === null) return []
    const description = { tool: 'manifest' as const, claims: { source_url: match[1] } }
    return [{ files: [{ name: pathOf(match[3]), description }] }]
  })
}

/** A bag's own files that are not as its tag manifest has them. */
export function changedTagFiles(
  manifest: string,
  text: string,
  tagFiles: ReadonlyMap<string, Buffer>,
): ListedItem[] {
  return bagManifest(manifest, text).flatMap(({ files: [file] }) => {
    const name = path.posix.join(path.posix.dirname(manifest), file.name)
    const bytes = tagFiles.get(name)
    const claimed = parseDigest(file.description.digest ?? '')
    if (bytes === undefined || claimed === undefined) return []
    if (createHash(claimed.kind).update(bytes).digest().equals(claimed.bytes)) return []
    const detail = `The bag's own file was changed: its hash is not the one in ${path.posix.basename(manifest)}.`
    return [refusedItem(name, 'digest_differs', detail)]
  })
}

/** Section 2.1.3: line ends and the percent sign in a path are percent-encoded, nothing else. */
function pathOf(text: string): string {
  return text.trimEnd().replaceAll(/%(0A|0D|25)/gi, (code) => decodeURIComponent(code))
}

import path from 'node:path'
import { FileNames } from '../file-names.ts'
import { csvRows, jsonRows } from '../list-rows.ts'
import { manifestItem } from '../manifest-row.ts'
import { itemOf } from '../manifest-source.ts'
import { refusedItem, type ListedItem } from '../source-item.ts'
import { type Claims } from '../claims.ts'
import { decodeText, linesOf } from '../text-lines.ts'
import { autoArchiverDb, autoArchiverPage, autoArchiverSheet } from './auto-archiver.ts'
import { bagFetches, bagFolders, bagManifest, changedTagFiles, isTagFile } from './bag.ts'
import type { DescribedRow, FileDescription, Table } from './described-row.ts'
import { hashTable, sumsList } from './hash-list.ts'
import { uwaziRows } from './uwazi.ts'

/** Largest list that is read whole beside the files that it describes. A larger manifest is imported by its own name. */
const MAX_LIST_BYTES = 64 * 1024 * 1024
/** Files that lists of one folder may describe. */
const MAX_DESCRIBED_FILES = 500_000

/** What the lists of a folder or a zip say of the files in it. */
export interface Descriptions {
  /** By path below the folder. */
  files: ReadonlyMap<string, FileDescription>
  /** The lists themselves; they are no items. */
  lists: ReadonlySet<string>
  /** Rows that cannot be used, and files that lists name and that are not there. */
  refused: ListedItem[]
}

export const NOTHING_DESCRIBED: Descriptions = { files: new Map(), lists: new Set(), refused: [] }

/**
 * Reads every list in a folder or archive: manifests, hash lists, bags, tables of auto-archiver and Uwazi, pages that auto-archiver
 * writes. Which a file is tells its content, not its name.
 * @param names every file, path below the folder
 * @param read a file's bytes, undefined when it cannot be read or is larger than the limit it is given
 * @param otherNames how a file's name may be read as well, in an archive whose names are in a code page
 */
export async function describeFiles(
  names: readonly string[],
  read: (name: string, limitBytes: number) => Promise<Buffer | undefined>,
  otherNames?: (name: string) => readonly string[],
): Promise<Descriptions> {
  const collected = new Collected(new FileNames(names, otherNames))
  const bags = bagFolders(names)
  const tagFiles = new Map<string, Buffer>()
  for (const name of names) {
    if (!mayBeList(name)) continue
    const bytes = await read(name, MAX_LIST_BYTES)
    if (bytes === undefined) continue
    if (isTagFile(name, bags)) tagFiles.set(name, bytes)
    else await collected.take(name, decodeText(bytes))
  }
  for (const [name, bytes] of tagFiles) collected.takeTagFile(name, decodeText(bytes), tagFiles)
  return collected.result()
}

/** Names under which tools write lists; what is inside decides. */
export function mayBeList(name: string): boolean {
  return (
    /\.(csv|tsv|jsonl|ndjson|txt|sha1|sha256|sha512|md5|html?)$/i.test(name) ||
    /(^|\/)(sha\d+|md5)sums?$/i.test(name)
  )
}

class Collected {
  readonly #files = new Map<string, FileDescription>()
  readonly #lists = new Set<string>()
  readonly #refused: ListedItem[] = []
  readonly #names: FileNames

  constructor(names: FileNames) {
    this.#names = names
  }

  async take(name: string, text: string): Promise<void> {
    const rows = await rowsOf(name, text)
    if (rows === undefined) return
    if (!/\.html?$/i.test(name)) this.#lists.add(name)
    for (const { files, refused } of rows) {
      if (refused !== undefined) this.#refused.push(refused)
      for (const file of files) this.#describe(name, file.name, file.description)
    }
  }

  /** A bag's own file: never an item, whatever is in it. */
  takeTagFile(name: string, text: string, tagFiles: ReadonlyMap<string, Buffer>): void {
    this.#lists.add(name)
    const last = path.posix.basename(name).toLowerCase()
    if (last.startsWith('tagmanifest-')) this.#refused.push(...changedTagFiles(name, text, tagFiles))
    const rows = last.startsWith('manifest-')
      ? bagManifest(name, text)
      : last === 'fetch.txt'
        ? bagFetches(text)
        : []
    for (const { files } of rows) for (const file of files) this.#describe(name, file.name, file.description)
  }

  result(): Descriptions {
    return { files: this.#files, lists: this.#lists, refused: this.#refused }
  }

  #describe(list: string, named: string, description: FileDescription): void {
    const found = this.#names.find(list, named)
    if (found === undefined || 'ambiguous' in found) {
      const by = path.posix.basename(list)
      this.#refused.push(
        found === undefined
          ? refusedItem(named, 'file_not_found', `${by} names it, and there is no such file.`)
          : refusedItem(
              named,
              'ambiguous_name',
              `${by} names it, and ${found.ambiguous} files fit the name; write their paths. They were taken without what it says.`,
            ),
      )
      return
    }
    if (this.#files.size >= MAX_DESCRIBED_FILES) {
      const detail = `The lists describe more than MAX_DESCRIBED_FILES, ${MAX_DESCRIBED_FILES} files; this one is taken without what they say.`
      this.#refused.push(refusedItem(named, 'too_many_entries', detail))
      return
    }
    const known = this.#files.get(found.name)
    this.#files.set(found.name, known === undefined ? description : merged(known, description))
  }
}

/** Undefined when it is no list of a kind that is known. */
async function rowsOf(name: string, text: string): Promise<DescribedRow[] | undefined> {
  if (/\.html?$/i.test(name)) return autoArchiverPage(text)
  const sums = sumsList(text)
  if (sums !== undefined) return sums
  if (text.trimStart().startsWith('{')) return jsonManifest(name, text)
  if (!/\.(csv|tsv)$/i.test(name)) return undefined
  return tableRows(await tableOf(name, text))
}

export function tableRows(table: Table): DescribedRow[] | undefined {
  return (
    autoArchiverSheet(table) ??
    autoArchiverDb(table) ??
    uwaziRows(table) ??
    hashTable(table) ??
    manifestRows(table)
  )
}

function manifestRows({ columns, rows }: Table): DescribedRow[] | undefined {
  if (!columns.includes('file') && !columns.includes('path')) return undefined
  const ids = new Map<string, number>()
  return rows.map(({ line, cells }) => described(manifestItem(cells, line, ids)))
}

/** One line that is not JSON is a broken manifest when others were; a file that is none from the start is no list. */
async function jsonManifest(name: string, text: string): Promise<DescribedRow[] | undefined> {
  const ids = new Map<string, number>()
  const rows: DescribedRow[] = []
  for await (const row of jsonRows(linesOf(text))) {
    if ('problem' in row) {
      if (rows.length === 0) return undefined
      const { reason, detail } = row.problem
      rows.push({ files: [], refused: refusedItem(`${name} (line ${row.line})`, reason, detail) })
      continue
    }
    if (!row.cells.has('file') && !row.cells.has('path')) {
      if (rows.length === 0) return undefined
      continue
    }
    rows.push(described(itemOf(row, ids)))
  }
  return rows
}

function described(item: ListedItem): DescribedRow {
  if (item.refusal !== undefined) return { files: [], refused: item }
  return { files: [{ name: item.name, description: { tool: 'manifest', claims: item.claims ?? {} } }] }
}

/** What was read so far counts; a file that is no table has no columns that mean anything. */
async function tableOf(name: string, text: string): Promise<Table> {
  const table: Table = { name, columns: [], rows: [] }
  const onColumns = (columns: readonly string[]): void => void (table.columns = [...columns])
  for await (const row of csvRows(linesOf(text), onColumns)) {
    if ('cells' in row) table.rows.push({ line: row.line, cells: row.cells })
  }
  return table
}

/** Two lists may speak of one file, as a manifest and a hash list do. */
function merged(first: FileDescription, second: FileDescription): FileDescription {
  return {
    ...first,
    ...second,
    tool: first.tool === 'manifest' || first.tool === 'hash_list' ? second.tool : first.tool,
    claims: { ...second.claims, ...first.claims },
  }
}

/** What is kept of a file because of what lists say of it; undefined when they say nothing. */
export function claimsFrom(description: FileDescription | undefined): Claims | undefined {
  if (description === undefined) return undefined
  const { tool, claims, digest, page, takenAt, other } = description
  if (tool === 'manifest' && digest === undefined) return claims
  const how = 'html' as const
  return {
    ...(page === undefined ? {} : { source_url: page.url }),
    ...claims,
    capture: {
      tool: tool === 'manifest' ? 'hash_list' : tool,
      ...(takenAt === undefined ? {} : { capturedAt: takenAt }),
      pages: page === undefined ? [] : [{ ...page, how }],
      digest: digest === undefined ? { verdict: 'absent' } : { verdict: 'unchecked', claimed: digest },
      ...(other === undefined ? {} : { other }),
    },
  }
}

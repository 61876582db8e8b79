import path from 'node:path'
import { parse } from 'csv-parse'
import { reasonOf } from '../../../errors.ts'
import { manifestItem } from '../manifest-row.ts'
import { refusedItem, type Claims, type ListedItem } from '../source-item.ts'
import { autoArchiverDb, autoArchiverPage, autoArchiverSheet } from './auto-archiver.ts'
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
 * Reads every list in a folder or zip: manifests, hash lists, tables of auto-archiver and Uwazi, pages that auto-archiver
 * writes. Which a file is tells its content, not its name.
 * @param names every file, path below the folder
 * @param read a file's bytes, undefined when it cannot be read or is larger than the limit it is given
 */
export async function describeFiles(
  names: readonly string[],
  read: (name: string, limitBytes: number) => Promise<Buffer | undefined>,
): Promise<Descriptions> {
  const collected = new Collected(names)
  for (const name of names) {
    if (!mayBeList(name)) continue
    const bytes = await read(name, MAX_LIST_BYTES)
    if (bytes === undefined) continue
    await collected.take(name, decodeText(bytes))
  }
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
  readonly #names: Set<string>
  readonly #byLastPart = new Map<string, string[]>()

  constructor(names: readonly string[]) {
    this.#names = new Set(names)
    for (const name of names) {
      const last = path.posix.basename(name)
      this.#byLastPart.set(last, [...(this.#byLastPart.get(last) ?? []), name])
    }
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

  result(): Descriptions {
    return { files: this.#files, lists: this.#lists, refused: this.#refused }
  }

  #describe(list: string, named: string, description: FileDescription): void {
    const found = this.#find(list, named)
    if (found === undefined) {
      this.#refused.push(
        refusedItem(
          named,
          'file_not_found',
          `${path.posix.basename(list)} names it, and there is no such file.`,
        ),
      )
      return
    }
    if (this.#files.size >= MAX_DESCRIBED_FILES) {
      const detail = `The lists describe more than MAX_DESCRIBED_FILES, ${MAX_DESCRIBED_FILES} files; this one is taken without what they say.`
      this.#refused.push(refusedItem(named, 'too_many_entries', detail))
      return
    }
    const known = this.#files.get(found)
    this.#files.set(found, known === undefined ? description : merged(known, description))
  }

  /** Beside the list, below the folder, or the one file of that name anywhere in it. */
  #find(list: string, named: string): string | undefined {
    const name = named.replaceAll('\\', '/').replace(/^\.\//, '')
    const beside = path.posix.normalize(path.posix.join(path.posix.dirname(list), name))
    if (this.#names.has(beside)) return beside
    if (this.#names.has(name)) return name
    const alike = (this.#byLastPart.get(path.posix.basename(name)) ?? []).filter((one) => one !== list)
    return alike.length === 1 ? alike[0] : undefined
  }
}

/** Undefined when it is no list of a kind that is known. */
async function rowsOf(name: string, text: string): Promise<DescribedRow[] | undefined> {
  if (/\.html?$/i.test(name)) return autoArchiverPage(text)
  const sums = sumsList(text)
  if (sums !== undefined) return sums
  if (text.trimStart().startsWith('{')) return jsonRows(name, text)
  if (!/\.(csv|tsv)$/i.test(name)) return undefined
  const table = await tableOf(name, text)
  return table === undefined ? undefined : tableRows(table)
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

function jsonRows(name: string, text: string): DescribedRow[] | undefined {
  const ids = new Map<string, number>()
  const rows: DescribedRow[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      // One line that is not JSON is a broken manifest when others were; a file that is none from the start is no list.
      if (rows.length === 0) return undefined
      rows.push({
        files: [],
        refused: refusedItem(
          `${name} (line ${index + 1})`,
          'bad_row',
          `Line ${index + 1} is not JSON: ${reasonOf(error)}.`,
        ),
      })
      continue
    }
    if (typeof value !== 'object' || value === null || !('file' in value || 'path' in value)) {
      if (rows.length === 0) return undefined
      continue
    }
    const cells = Object.entries(value).map(([key, cell]): [string, string] => [
      columnName(key),
      typeof cell === 'string' ? cell : cell === null ? '' : JSON.stringify(cell),
    ])
    rows.push(described(manifestItem(new Map(cells), index + 1, ids)))
  }
  return rows
}

function described(item: ListedItem): DescribedRow {
  if (item.refusal !== undefined) return { files: [], refused: item }
  return { files: [{ name: item.name, description: { tool: 'manifest', claims: item.claims ?? {} } }] }
}

async function tableOf(name: string, text: string): Promise<Table | undefined> {
  const first = text.slice(0, 65_536).split('\n')[0] ?? ''
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: first.split(separator).length }))
  const delimiter = counts.toSorted((a, b) => b.count - a.count)[0].separator
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  const table: Table = { name, columns: [], rows: [] }
  const feeding = (async () => {
    for (let at = 0; at < text.length; at += 65_536) {
      if (!parser.write(text.slice(at, at + 65_536)))
        await new Promise<void>((resolve) => {
          parser.once('drain', resolve)
          parser.once('close', resolve)
        })
    }
    parser.end()
  })()
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[]
      info: { lines: number }
    }>) {
      if (table.columns.length === 0) {
        table.columns = record.map(columnName)
        continue
      }
      table.rows.push({
        line: info.lines,
        cells: new Map(table.columns.map((column, at) => [column, record[at] ?? ''])),
      })
    }
  } catch {
    // What was read so far counts; a file that is no table has no columns that mean anything.
  }
  parser.destroy()
  await feeding
  return table.columns.length === 0 ? undefined : table
}

function columnName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
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

function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1251').decode(bytes)
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

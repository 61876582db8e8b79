import { parseDigest } from '../web-archive/claimed-digest.ts'
import type { DescribedRow, FileDescription, Table } from './described-row.ts'

const HASH_COLUMNS = [
  'sha256',
  'sha_256',
  'sha256_hash',
  'hash',
  'sha1',
  'sha_1',
  'sha512',
  'md5',
  'file_hash',
  'content_hash',
  'checksum',
]
const FILE_COLUMNS = [
  'file',
  'filename',
  'file_name',
  'path',
  'file_path',
  'name',
  'photo',
  'attachment',
  'mhtml',
]
/** Hunchly names the page's file after it. */
const PAGE_COLUMNS = ['page_id', 'pageid', 'page']

/** Lines as `sha256sum` and its like write them, in either order; undefined when it is no such list. */
export function sumsList(text: string): DescribedRow[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const rows: DescribedRow[] = []
  for (const line of lines) {
    const front = /^\\?([0-9a-fA-F]{32,128})[ \t]+\*?(\S.{0,4000})$/.exec(line)
    const back = /^(\S.{0,4000}?)[ \t]*[:,;\t ][ \t]*(?:sha-?\d+:)?([0-9a-fA-F]{32,128})$/i.exec(line)
    const bsd = /^(?:SHA256|SHA1|SHA512|MD5) \((.{1,4000})\) = ([0-9a-fA-F]{32,128})$/.exec(line)
    const [name, digest] =
      bsd !== null
        ? [bsd[1], bsd[2]]
        : front !== null
          ? [front[2], front[1]]
          : back !== null
            ? [back[1], back[2]]
            : []
    if (name === undefined || digest === undefined || parseDigest(digest) === undefined) return undefined
    rows.push(row(named(name, line), digest, 'hash_list', {}))
  }
  return rows.length === 0 ? undefined : rows
}

/** GNU's tools begin a line with a backslash when backslashes and line ends in its name are escaped. */
function named(text: string, line: string): string {
  const name = text.trim().replace(/^"(.*)"$/, '$1')
  return line.startsWith('\\') ? name.replaceAll('\\n', '\n').replaceAll('\\\\', '\\') : name
}

/** A table with a column of hashes and one of files, as Hunchly's and others' exports have it. */
export function hashTable({ columns, rows }: Table): DescribedRow[] | undefined {
  const hash = HASH_COLUMNS.find((name) => columns.includes(name))
  const file = FILE_COLUMNS.find((name) => columns.includes(name))
  const page = PAGE_COLUMNS.find((name) => columns.includes(name))
  if (hash === undefined || (file === undefined && page === undefined)) return undefined
  const isHunchly = page !== undefined || columns.includes('case_name')
  return rows.flatMap(({ cells }): DescribedRow[] => {
    const digest = cells.get(hash)?.trim() ?? ''
    const named = (file === undefined ? undefined : cells.get(file)?.trim()) || ''
    const name = named === '' && page !== undefined ? `${cells.get(page)?.trim() ?? ''}.mhtml` : named
    if (name === '' || name === '.mhtml') return []
    const url = [...cells].find(([column]) => /^(url|source_url|page_url|link)$/.test(column))?.[1].trim()
    const others = [...cells].filter(
      ([column, value]) => column !== hash && column !== file && value.trim() !== '',
    )
    const extra: Partial<FileDescription> = {
      ...(url === undefined || url === '' ? {} : { page: { url } }),
      ...(others.length === 0 ? {} : { other: Object.fromEntries(others.slice(0, 30)) }),
    }
    return [row(name, digest, isHunchly ? 'hunchly' : 'hash_list', extra)]
  })
}

function row(
  name: string,
  digest: string,
  tool: 'hash_list' | 'hunchly',
  extra: Partial<FileDescription>,
): DescribedRow {
  return {
    files: [{ name, description: { tool, claims: {}, ...(digest === '' ? {} : { digest }), ...extra } }],
  }
}

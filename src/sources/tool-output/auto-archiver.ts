import { parseDigest } from '../web-archive/claimed-digest.ts'
import type { DescribedRow, FileDescription, Table } from './described-row.ts'

/**
 * What Bellingcat's auto-archiver writes: a sheet (or CSV) with a row for each link, a `db.csv` with everything it knows
 * of each file, and beside the files a page that lists them with their hashes.
 */

/** The sheet: `Link`, `Archive status`, `Archive location` and others; all names as its documentation has them. */
export function autoArchiverSheet({ columns, rows }: Table): DescribedRow[] | undefined {
  if (!columns.includes('archive_status') || !(columns.includes('link') || columns.includes('url')))
    return undefined
  return rows.map(({ cells }) => {
    const link = cell(cells, 'link') ?? cell(cells, 'url')
    const title = cell(cells, 'upload_title') ?? cell(cells, 'title')
    const takenAt = isoOf(cell(cells, 'archive_date'))
    const postedAt = isoOf(cell(cells, 'upload_timestamp') ?? cell(cells, 'timestamp'))
    const note = cell(cells, 'text_content') ?? cell(cells, 'text')
    const hash = cell(cells, 'hash')
    const common: FileDescription = {
      tool: 'auto_archiver',
      claims: {
        ...(link === undefined ? {} : { source_url: link }),
        ...(note === undefined ? {} : { note: note.slice(0, 2000) }),
        ...(postedAt === undefined ? {} : { captured_at: postedAt }),
      },
      ...(link === undefined ? {} : { page: { url: link, ...(title === undefined ? {} : { title }) } }),
      ...(takenAt === undefined ? {} : { takenAt }),
      other: Object.fromEntries(
        [...cells].filter(
          ([name, value]) => value.trim() !== '' && !['link', 'url', 'text', 'text_content'].includes(name),
        ),
      ),
    }
    // Its hash is of the page that lists the post's files; a link to somewhere else has no file here.
    const files = ['archive_location', 'screenshot', 'thumbnail', 'wacz'].flatMap((column) => {
      const name = localName(cell(cells, column))
      if (name === undefined) return []
      const digest = column === 'archive_location' ? hash : undefined
      return [{ name, description: { ...common, ...(digest === undefined ? {} : { digest }) } }]
    })
    return { files }
  })
}

/** `db.csv`: columns `status`, `metadata` and `media`, the last two as Python prints them. */
export function autoArchiverDb({ columns, rows }: Table): DescribedRow[] | undefined {
  if (!['status', 'metadata', 'media'].every((name) => columns.includes(name))) return undefined
  return rows.map(({ cells }) => {
    const metadata = cells.get('metadata') ?? ''
    const url = textIn(metadata, 'url')
    const title = textIn(metadata, 'title')
    const files = (cells.get('media') ?? '')
      .split(/(?=\{'filename':)/)
      .flatMap((part): DescribedRow['files'] => {
        const key = textIn(part, 'key') ?? textIn(part, 'filename')
        const name =
          localName(/'urls':\s*\[\s*'((?:[^'\\]|\\.)*)'/.exec(part)?.[1]) ??
          (key === undefined ? undefined : lastPart(key))
        if (name === undefined) return []
        const digest = textIn(part, 'hash')
        const src = textIn(part, 'src')
        return [
          {
            name,
            description: {
              tool: 'auto_archiver',
              claims: url === undefined ? {} : { source_url: url },
              ...(url === undefined ? {} : { page: { url, ...(title === undefined ? {} : { title }) } }),
              ...(digest === undefined ? {} : { digest }),
              other: { status: cells.get('status') ?? '', ...(src === undefined ? {} : { src }) },
            },
          },
        ]
      })
    return { files }
  })
}

/** The page beside the files: each file's name with the hash that follows it. Undefined for any other page. */
export function autoArchiverPage(html: string): DescribedRow[] | undefined {
  if (!/auto-archiver/i.test(html) || !/SHA(-256|3-512)?:/i.test(html)) return undefined
  const url = /<(?:h2|h1|a)[^>]*href=["'](https?:\/\/[^"']{1,4000})["']/i.exec(html)?.[1]
  const files: DescribedRow['files'] = []
  let last: string | undefined
  for (const [, link, digest] of html.matchAll(
    /(?:href|src)=["']([^"']{1,4000})["']|\b(SHA-?256:[0-9a-f]{64})\b/gi,
  )) {
    if (link !== undefined)
      last = /\.(jpe?g|png|gif|webp|avif|heic|mp4|mov|webm|mkv|tiff?)$/i.test(link.split('?')[0])
        ? lastPart(link.split('?')[0])
        : last
    else if (last !== undefined && digest !== undefined && parseDigest(digest) !== undefined) {
      files.push({
        name: last,
        description: {
          tool: 'auto_archiver',
          claims: url === undefined ? {} : { source_url: url },
          digest,
          ...(url === undefined ? {} : { page: { url } }),
        },
      })
      last = undefined
    }
  }
  return files.length === 0 ? undefined : [{ files }]
}

function cell(cells: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = cells.get(name)?.trim()
  return value === undefined || value === '' ? undefined : value
}

/** Name of a file that is stored here rather than elsewhere; undefined for addresses. */
function localName(text: string | undefined): string | undefined {
  const formula = /^=(?:HYPERLINK|IMAGE)\("([^"]+)"/i.exec(text ?? '')?.[1] ?? text
  if (formula === undefined || /^https?:/i.test(formula)) return undefined
  const name = formula.replace(/^file:\/\//i, '').replaceAll('\\', '/')
  return name.startsWith('/') || name.includes('..') ? lastPart(name) : name.replace(/^\.\//, '')
}

function lastPart(text: string): string {
  return text.slice(text.replaceAll('\\', '/').lastIndexOf('/') + 1)
}

/** A text of a Python dictionary as it prints itself. */
function textIn(text: string, key: string): string | undefined {
  const match = new RegExp(
    `'${key}':\\s*(?:'((?:[^'\\\\]|\\\\.){1,8192})'|"((?:[^"\\\\]|\\\\.){1,8192})")`,
  ).exec(text)
  return (match?.[1] ?? match?.[2])?.replaceAll(/\\(['"\\])/g, '$1')
}

function isoOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    text,
  )
  if (match === null) return undefined
  return match[2] === undefined ? match[1] : `${match[1]}T${match[2]}${match[3] ?? ''}`
}

import { unsafePath } from '../safe-path.ts'
import { refusedItem } from '../source-item.ts'
import type { DescribedRow, Table } from './described-row.ts'

/** Columns with files, as Uwazi's import and export name them; several files in one have a bar between. */
const FILE_COLUMNS = ['file', 'attachments', 'supporting_files', 'documents']

/** A table of Uwazi: `title`, and files in `file` or `attachments`. Its other columns are kept as text. */
export function uwaziRows({ columns, rows }: Table): DescribedRow[] | undefined {
  const isUwazi =
    columns.includes('title') &&
    (columns.includes('attachments') || (columns.includes('file') && columns.includes('template')))
  if (!isUwazi) return undefined
  return rows.map(({ line, cells }) => {
    const names = FILE_COLUMNS.flatMap((column) => (cells.get(column) ?? '').split('|')).map((name) =>
      name.trim(),
    )
    const title = cells.get('title')?.trim() ?? ''
    const url = [...cells]
      .map(([, value]) => /(?:^|\|)(https?:\/\/[^\s|]+)$/i.exec(value.trim())?.[1])
      .find((found) => found !== undefined)
    const other = [...cells].filter(
      ([column, value]) => !FILE_COLUMNS.includes(column) && column !== 'title' && value.trim() !== '',
    )
    const unsafe = names.map((name) => unsafePath(name)).find((reason) => reason !== undefined)
    return {
      files: names
        .filter((name) => name !== '' && unsafePath(name) === undefined)
        .map((name) => ({
          name,
          description: {
            tool: 'uwazi' as const,
            claims: {
              ...(title === '' ? {} : { note: title }),
              ...(url === undefined ? {} : { source_url: url }),
              ...(other.length === 0 ? {} : { other: Object.fromEntries(other.slice(0, 60)) }),
            },
          },
        })),
      ...(unsafe === undefined
        ? {}
        : { refused: refusedItem(`(line ${line})`, 'unsafe_path', `Line ${line}: ${unsafe}`) }),
    }
  })
}

import path from 'node:path'
import { MAX_MANIFEST_ROWS } from './limits.ts'
import { csvRows, jsonRows, type ListRow } from './list-rows.ts'
import { manifestItem } from './manifest-row.ts'
import { NamedFiles } from './named-files.ts'
import { readFileItem } from './read-file-item.ts'
import { refusedBytes, refusedItem, type ImportSource, type ListedItem } from './source-item.ts'
import { detectEncoding, textLines, type TextLine } from './text-lines.ts'

/** A CSV manifest, as spreadsheets write it (see list-rows.ts). Files stand beside or below it. */
export function csvSource(file: string): ImportSource {
  return manifest(file, csvRows)
}

/** A JSON Lines manifest: one object a line. Files stand beside or below it. */
export function jsonlSource(file: string): ImportSource {
  return manifest(file, jsonRows)
}

type RowsOf = (lines: AsyncIterable<TextLine>) => AsyncGenerator<ListRow>

function manifest(file: string, rowsOf: RowsOf): ImportSource {
  return {
    async *list() {
      const ids = new Map<string, number>()
      let rows = 0
      for await (const row of rowsOf(linesIn(file))) {
        const item = itemOf(row, ids)
        if (++rows > MAX_MANIFEST_ROWS) {
          const detail = `The manifest has more than MAX_MANIFEST_ROWS, ${MAX_MANIFEST_ROWS} rows; the rest was not listed.`
          yield refusedItem(item.name, 'too_many_entries', detail)
          return
        }
        yield item
      }
    },
    openReader() {
      const files = new NamedFiles(path.dirname(file))
      return {
        async read(_ordinal, name) {
          const found = await files.find(name)
          return 'ambiguous' in found
            ? refusedBytes(
                'ambiguous_name',
                `${found.ambiguous} files fit this name; write it as the file has it.`,
              )
            : readFileItem(found.file)
        },
        async close() {},
      }
    },
  }
}

async function* linesIn(file: string): AsyncGenerator<TextLine> {
  yield* textLines(file, await detectEncoding(file))
}

/** What a row of a manifest says, or why it cannot be used. */
export function itemOf(row: ListRow, ids: Map<string, number>): ListedItem {
  if ('cells' in row) return manifestItem(row.cells, row.line, ids)
  const { line, problem } = row
  return refusedItem(
    line === undefined ? '(rest of the manifest)' : `(line ${line})`,
    problem.reason,
    problem.detail,
  )
}

import path from 'node:path'
import { parse } from 'csv-parse'
import { reasonOf } from '../../errors.ts'
import { MAX_MANIFEST_LINE_BYTES, MAX_MANIFEST_ROWS } from '../limits.ts'
import { manifestItem } from './manifest-row.ts'
import { readFileItem } from './read-file-item.ts'
import { refusedItem, type ImportSource, type ListedItem } from './source-item.ts'
import { detectEncoding, textLines, type TextLine } from './text-lines.ts'

/** A CSV manifest: first line names the columns; separated by comma, semicolon or tab. Files stand beside or below it. */
export function csvSource(file: string): ImportSource {
  return manifest(file, csvItems)
}

/** A JSON Lines manifest: one object a line. Files stand beside or below it. */
export function jsonlSource(file: string): ImportSource {
  return manifest(file, jsonlItems)
}

type ItemsOf = (lines: AsyncGenerator<TextLine>) => AsyncGenerator<ListedItem>

function manifest(file: string, itemsOf: ItemsOf): ImportSource {
  return {
    async *list() {
      const encoding = await detectEncoding(file)
      let rows = 0
      for await (const item of itemsOf(textLines(file, encoding))) {
        if (++rows > MAX_MANIFEST_ROWS) {
          const detail = `The manifest has more than MAX_MANIFEST_ROWS, ${MAX_MANIFEST_ROWS} rows; the rest was not listed.`
          yield refusedItem(item.name, 'too_many_entries', detail)
          return
        }
        yield item
      }
    },
    openReader: () => ({
      read: (_ordinal, name) => readFileItem(path.join(path.dirname(file), name.replaceAll('\\', '/'))),
      async close() {},
    }),
  }
}

async function* jsonlItems(lines: AsyncGenerator<TextLine>): AsyncGenerator<ListedItem> {
  const ids = new Map<string, number>()
  for await (const { number, text } of lines) {
    if (text === undefined) {
      yield lineTooLong(number)
      continue
    }
    if (text.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      yield refusedItem(`(line ${number})`, 'bad_row', `Line ${number} is not JSON: ${reasonOf(error)}.`)
      continue
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      yield refusedItem(`(line ${number})`, 'bad_row', `Line ${number} is not a JSON object.`)
      continue
    }
    const cells = Object.entries(value).map(([name, cell]): [string, string] => [
      columnName(name),
      textOf(cell),
    ])
    yield manifestItem(new Map(cells), number, ids)
  }
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

function columnName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
}

interface CsvRecord {
  record: string[]
  info: { lines: number }
}

async function* csvItems(lines: AsyncGenerator<TextLine>): AsyncGenerator<ListedItem> {
  const first = await lines.next()
  if (first.done === true || first.value.text === undefined) {
    yield refusedItem('(line 1)', 'bad_row', 'The manifest has no line with column names.')
    return
  }
  const tooLong: number[] = []
  const parser = parse({
    delimiter: separatorOf(first.value.text),
    bom: true,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  const feeding = feed(parser, first.value.text, lines, tooLong)
  const ids = new Map<string, number>()
  let columns: string[] | undefined
  try {
    for await (const row of parser as AsyncIterable<CsvRecord>) {
      if (columns === undefined) {
        columns = row.record.map(columnName)
        continue
      }
      const cells = columns.map((name, index): [string, string] => [name, row.record[index] ?? ''])
      yield manifestItem(new Map(cells), row.info.lines, ids)
    }
  } catch (error) {
    yield refusedItem(
      '(rest of the manifest)',
      'bad_row',
      `The manifest cannot be read from here on: ${reasonOf(error)}.`,
    )
  }
  parser.destroy()
  await feeding
  for (const number of tooLong) yield lineTooLong(number)
}

/** Feeds the parser line by line, leaving out lines that are too long; an empty line keeps the numbers right. */
async function feed(
  parser: ReturnType<typeof parse>,
  first: string,
  lines: AsyncGenerator<TextLine>,
  tooLong: number[],
): Promise<void> {
  parser.write(`${first}\n`)
  for await (const { number, text } of lines) {
    if (parser.destroyed) return
    if (text === undefined) tooLong.push(number)
    if (!parser.write(`${text ?? ''}\n`)) {
      await new Promise<void>((resolve) => {
        parser.once('drain', resolve)
        parser.once('close', resolve)
      })
    }
  }
  parser.end()
}

/** Comma, semicolon or tab: whichever a line of column names has most of. */
export function separatorOf(header: string): string {
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: header.split(separator).length }))
  return counts.toSorted((a, b) => b.count - a.count)[0].separator
}

function lineTooLong(number: number): ListedItem {
  const detail = `Line ${number} is longer than MAX_MANIFEST_LINE_BYTES, ${MAX_MANIFEST_LINE_BYTES / 1024 / 1024} MB.`
  return refusedItem(`(line ${number})`, 'line_too_long', detail)
}

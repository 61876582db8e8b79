import { parse } from 'csv-parse'
import { reasonOf } from '../errors.ts'
import { MAX_MANIFEST_LINE_BYTES } from './limits.ts'
import { drained } from './drained.ts'
import { isOfSystem } from './read-file-item.ts'
import type { RefusalReason } from './refusal.ts'
import type { TextLine } from './text-lines.ts'

/** One row of a list, or why there is none. */
export type ListRow =
  | {
      /** Line on which it ends, from 1. */
      line: number
      /** By column name, in lower case with underscores. */
      cells: Map<string, string>
      /** The cells in their order, also those beyond the last column. */
      record: readonly string[]
    }
  | { line: number | undefined; problem: { reason: RefusalReason; detail: string } }

/** Columns of a table, or names of one JSON object; tables of tools have some hundred. */
export const MAX_LIST_COLUMNS = 1000

interface CsvRecord {
  record: string[]
  info: { lines: number }
}

/** Excel writes the separator into a line of its own before the column names. */
const SEPARATOR_LINE = /^\uFEFF?"?sep=(.)"?[,;\t]*$/i

/**
 * Rows of a table as spreadsheets write it: the first line names the columns; separated by comma, semicolon or tab, or by
 * what Excel's line `sep=` says; white space around a cell does not belong to it. This is the one reader of CSV: manifests,
 * hash lists, tables of tools and files of people all come through it.
 * @param onColumns is told the columns, also of a table without rows
 */
export async function* csvRows(
  lines: AsyncIterable<TextLine>,
  onColumns?: (columns: readonly string[]) => void,
): AsyncGenerator<ListRow> {
  const rest = lines[Symbol.asyncIterator]()
  let head: Head | undefined
  try {
    head = await headOf(rest)
  } catch (error) {
    yield unreadable(error)
    return
  }
  if (head === undefined) {
    yield { line: 1, problem: { reason: 'bad_row', detail: 'The list has no line with column names.' } }
    return
  }
  const tooLong: number[] = []
  const parser = parse({
    delimiter: head.separator,
    info: true,
    ltrim: true,
    rtrim: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // A quote that never ends would take in the rest of the file.
    max_record_size: MAX_MANIFEST_LINE_BYTES,
  })
  const feeding = feed(parser, head, rest, tooLong)
  // An error of reading the file also ends the parser, and is met there.
  feeding.catch((error: unknown) => parser.destroy(error as Error))
  let columns: string[] | undefined
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (columns === undefined) {
        if (record.length > MAX_LIST_COLUMNS) {
          yield { line: undefined, problem: { reason: 'bad_row', detail: tooManyColumns(record.length) } }
          return
        }
        columns = record.map(columnName)
        onColumns?.(columns)
        continue
      }
      const cells = columns.map((name, at): [string, string] => [name, record[at] ?? ''])
      yield { line: info.lines, cells: new Map(cells), record }
    }
  } catch (error) {
    yield unreadable(error)
  } finally {
    parser.destroy()
    await feeding.catch(() => undefined)
  }
  for (const line of tooLong) yield lineTooLong(line)
}

function unreadable(error: unknown): ListRow {
  const detail = `The list cannot be read from here on: ${reasonOf(error)}.`
  return { line: undefined, problem: { reason: isOfSystem(error) ? 'read_failed' : 'bad_row', detail } }
}

/** Rows of JSON Lines: one object a line. */
export async function* jsonRows(lines: AsyncIterable<TextLine>): AsyncGenerator<ListRow> {
  try {
    yield* jsonRowsOf(lines)
  } catch (error) {
    yield unreadable(error)
  }
}

async function* jsonRowsOf(lines: AsyncIterable<TextLine>): AsyncGenerator<ListRow> {
  for await (const { number: line, text } of lines) {
    if (text === undefined) {
      yield lineTooLong(line)
      continue
    }
    if (text.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      yield { line, problem: { reason: 'bad_row', detail: `Line ${line} is not JSON: ${reasonOf(error)}.` } }
      continue
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      yield { line, problem: { reason: 'bad_row', detail: `Line ${line} is not a JSON object.` } }
      continue
    }
    const names = Object.keys(value).length
    if (names > MAX_LIST_COLUMNS) {
      yield { line, problem: { reason: 'bad_row', detail: `Line ${line}: ${tooManyColumns(names)}` } }
      continue
    }
    const cells = Object.entries(value).map(([name, cell]): [string, string] => [
      columnName(name),
      textOf(cell),
    ])
    yield { line, cells: new Map(cells), record: cells.map(([, cell]) => cell) }
  }
}

function tooManyColumns(count: number): string {
  return `The list has ${count} columns; MAX_LIST_COLUMNS is ${MAX_LIST_COLUMNS}.`
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

/** The line with column names, how many stand before it, and what separates its cells. */
interface Head {
  text: string
  before: number
  separator: string
}

async function headOf(lines: AsyncIterator<TextLine>): Promise<Head | undefined> {
  let separator: string | undefined
  for (let before = 0; ; before++) {
    const next = await lines.next()
    if (next.done === true || next.value.text === undefined) return undefined
    const { text } = next.value
    const named = SEPARATOR_LINE.exec(text)?.[1]
    if (named !== undefined && separator === undefined) separator = named
    else if (text.trim() !== '')
      return { text: text.replace(/^\uFEFF/, ''), before, separator: separator ?? separatorOf(text) }
  }
}

/** Comma, semicolon or tab: whichever a line of column names has most of, outside quotes. */
function separatorOf(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: bare.split(separator).length }))
  return counts.toSorted((a, b) => b.count - a.count)[0].separator
}

/** Feeds the parser line by line, leaving out lines that are too long; an empty line keeps the numbers right. */
async function feed(
  parser: ReturnType<typeof parse>,
  { text: first, before }: Head,
  lines: AsyncIterator<TextLine>,
  tooLong: number[],
): Promise<void> {
  parser.write(`${'\n'.repeat(before)}${first}\n`)
  for (;;) {
    const next = await lines.next()
    if (next.done === true) break
    const { number, text } = next.value
    if (parser.destroyed) return void (await lines.return?.())
    if (text === undefined) tooLong.push(number)
    if (!parser.write(`${text ?? ''}\n`)) await drained(parser)
  }
  parser.end()
}

function lineTooLong(line: number): ListRow {
  const detail = `Line ${line} is longer than MAX_MANIFEST_LINE_BYTES, ${MAX_MANIFEST_LINE_BYTES / 1024 / 1024} MB.`
  return { line, problem: { reason: 'line_too_long', detail } }
}

import type { ListedItem } from '../source-item.ts'
import type { Claims } from '../claims.ts'
import type { CaptureTool } from '../web-archive/capture.ts'

/** What a list beside a file says of it. */
export interface FileDescription {
  tool: CaptureTool | 'manifest'
  claims: Claims
  /** Hash that the file should have, as written. */
  digest?: string
  /** Address of the page that it came from, and its title. */
  page?: { url: string; title?: string }
  /** ISO 8601, when the tool took it. */
  takenAt?: string
  other?: Record<string, string>
}

/** One row of a list: a description of each file that it names, or why there is none. */
export interface DescribedRow {
  files: { name: string; description: FileDescription }[]
  refused?: ListedItem
}

/** One table: its rows by column name, in lower case with underscores. */
export interface Table {
  name: string
  columns: string[]
  rows: { line: number; cells: Map<string, string> }[]
}

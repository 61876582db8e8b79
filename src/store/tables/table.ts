import type { Generated, GeneratedAlways } from 'kysely'

export type Cell = string | number | null

/** What the schema says of a column, beside its type. */
interface ColumnSettings<Value> {
  /** The schema checks that it is one of these. */
  oneOf?: readonly Value[]
  /** `table (column)`, with what deleting does when it is not refused. */
  references?: string
  /** In SQL. */
  defaultTo?: string
  collate?: 'nocase'
  /** Rows had been written before there was this column: it is digested only where it holds something. */
  addedLater?: true
}

/** A column; `Value` is what Kysely reads and writes. */
export interface Column<Value> extends ColumnSettings<Cell> {
  type: 'text' | 'integer' | 'real' | 'blob'
  nullable?: true
  computed?: true
  /** For the type alone; never there. */
  readonly holds?: { value: Value }
}

/** What the schema says of a table, beside its columns. Triggers are in the migrations alone. */
interface TableSettings {
  /** `id` when it is left out. */
  primaryKey?: readonly string[]
  autoincrement?: true
  withoutRowid?: true
  unique?: readonly (readonly string[])[]
  indexes?: Readonly<Record<string, { on: readonly string[]; unique?: true; where?: string }>>
  /** Of several columns; those of one are said at the column. */
  foreignKeys?: readonly { columns: readonly string[]; references: string }[]
  /** In SQL; `oneOf` is said at the column. */
  checks?: readonly string[]
  /** Its rows are bound to the audit log, see [Note: bound rows]. */
  bound?: true
}

type Columns = Record<string, Column<unknown>>

/** A table as it is declared. */
export interface Table extends TableSettings {
  columns: Columns
}

/** What Kysely knows of a table. */
export type Row<Declared extends { columns: Columns }> = {
  [Name in keyof Declared['columns']]: Declared['columns'][Name] extends Column<infer Value> ? Value : never
}

/**
 * Declares a table. Types, the columns of row digests and which rows are bound come from it; declared-tables.test.ts
 * compares it with the schema that the migrations make.
 */
export function table<Declared extends Columns, const Settings extends TableSettings>(
  columns: Declared,
  settings: Settings,
): { columns: Declared } & Settings {
  return { columns, ...settings }
}

export function text<const Value extends string = string>(
  settings: ColumnSettings<Value> = {},
): Column<Value> {
  return { type: 'text', ...settings }
}

/** Whole numbers; booleans as 0 or 1. */
export function integer<const Value extends number = number>(
  settings: ColumnSettings<Value> = {},
): Column<Value> {
  return { type: 'integer', ...settings }
}

export function real(): Column<number> {
  return { type: 'real' }
}

export function blob(): Column<Uint8Array> {
  return { type: 'blob' }
}

export function nullable<Value>(column: Column<Value>): Column<Value | null> {
  return { ...(column as Column<never>), nullable: true }
}

/** May be left out when a row is written: the database numbers it, or has a default. */
export function generated<Value>(column: Column<Value>): Column<Generated<Value>> {
  return column as Column<never>
}

/** Made by the database from other columns. */
export function computed<Value>(column: Column<Value>): Column<GeneratedAlways<Value>> {
  return { ...(column as Column<never>), computed: true }
}

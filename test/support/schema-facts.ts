import type Libsql from 'libsql'
import type { Cell, Column, Table } from '../../src/store/tables/table.ts'

/** What a declaration or a schema says, one line a fact, each beginning with the table or `table.column`. */
type Facts = Set<string>

/** Facts that only one of the two says. */
export function differences(declared: Facts, made: Facts): string[] {
  return [
    ...[...declared].filter((fact) => !made.has(fact)).map((fact) => `only declared: ${fact}`),
    ...[...made].filter((fact) => !declared.has(fact)).map((fact) => `only made by migrations: ${fact}`),
  ].toSorted()
}

export function declaredFacts(tables: Readonly<Record<string, Table>>): Facts {
  const facts: Facts = new Set()
  for (const [name, table] of Object.entries(tables)) {
    addColumns(facts, name, table)
    facts.add(`${name}: ${options(table.withoutRowid, table.autoincrement)}`)
    const key = keyOf(table)
    if (key.length > 0) facts.add(`${name}: primary key (${key.join(', ')})`)
    for (const columns of table.unique ?? []) facts.add(`${name}: unique (${columns.join(', ')})`)
    for (const check of table.checks ?? []) facts.add(`${name}: check (${check})`)
    for (const { columns, references } of table.foreignKeys ?? [])
      facts.add(`${name}: (${columns.join(', ')}) references ${references}`)
    for (const [index, { on, unique = false, where }] of Object.entries(table.indexes ?? {}))
      facts.add(`${name}: ${indexFact(index, on, unique, where)}`)
  }
  return facts
}

function keyOf({ primaryKey, columns }: Table): readonly string[] {
  return primaryKey ?? ('id' in columns ? ['id'] : [])
}

function addColumns(facts: Facts, name: string, table: Table): void {
  const key = keyOf(table)
  for (const [column, declared] of Object.entries(table.columns)) {
    facts.add(`${name}.${column}: ${columnFact(declared, key.includes(column))}`)
    if (declared.references) facts.add(`${name}.${column}: references ${declared.references}`)
    if (declared.oneOf) facts.add(`${name}: check (${column} in (${declared.oneOf.map(literal).join(', ')}))`)
  }
}

function literal(cell: Cell): string {
  return typeof cell === 'string' ? `'${cell}'` : String(cell)
}

/** Primary keys are left out of what may be null: SQLite says of them what was written, not what holds. */
function columnFact(
  {
    type,
    nullable = false,
    defaultTo,
    collate,
    computed = false,
  }: Omit<Column<unknown>, 'nullable' | 'computed'> & {
    nullable?: boolean
    computed?: boolean
  },
  isKey: boolean,
): string {
  return [
    type,
    !isKey && !nullable && 'not null',
    defaultTo !== undefined && `default ${defaultTo}`,
    collate !== undefined && `collate ${collate}`,
    computed && 'computed',
  ]
    .filter(Boolean)
    .join(' ')
}

function options(withoutRowid: boolean | undefined, autoincrement: boolean | undefined): string {
  return ['strict', withoutRowid && 'without rowid', autoincrement && 'autoincrement']
    .filter(Boolean)
    .join(', ')
}

function indexFact(name: string, on: readonly string[], unique: boolean, where: string | undefined): string {
  return `${unique ? 'unique ' : ''}index ${name} (${on.join(', ')})${where === undefined ? '' : ` where ${where}`}`
}

interface ColumnRow {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
  hidden: number
}

interface ForeignKeyRow {
  id: number
  table: string
  from: string
  to: string | null
  on_delete: string
}

/** Facts of a database's tables, but for the search index `word_index` and what SQLite keeps itself. */
export function schemaFacts(database: Libsql.Database): Facts {
  const facts: Facts = new Set()
  const tables = ask<{ name: string; sql: string }>(
    database,
    `select name, sql from sqlite_master
     where type = 'table' and name not like 'sqlite_%' and name not like 'word\\_index%' escape '\\'`,
  )
  for (const { name, sql } of tables) {
    const columns = ask<ColumnRow>(database, `pragma table_xinfo ("${name}")`)
    for (const column of columns) facts.add(`${name}.${column.name}: ${madeColumn(column, sql)}`)
    const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk)
    if (key.length > 0) facts.add(`${name}: primary key (${key.map((column) => column.name).join(', ')})`)
    facts.add(`${name}: ${options(/without rowid/i.test(sql), /autoincrement/i.test(sql))}`)
    if (!/\bstrict\b/i.test(sql)) facts.add(`${name}: not strict`)
    for (const check of checksOf(sql)) facts.add(`${name}: check (${check})`)
    addForeignKeys(facts, name, database)
    addIndexes(facts, name, database)
  }
  return facts
}

function ask<Row>(database: Libsql.Database, sql: string): Row[] {
  return database.prepare(sql).all() as Row[]
}

function madeColumn({ name, type, notnull, dflt_value, pk, hidden }: ColumnRow, sql: string): string {
  const collated = new RegExp(String.raw`\b${name}\s+text\b[^,]*\bcollate nocase`, 'i').test(sql)
  return columnFact(
    {
      type: type.toLowerCase() as Column<unknown>['type'],
      nullable: notnull === 0,
      computed: hidden !== 0,
      ...(dflt_value !== null && { defaultTo: dflt_value }),
      ...(collated && { collate: 'nocase' }),
    },
    pk > 0,
  )
}

/** What stands in the brackets of each `check`. */
function checksOf(sql: string): string[] {
  return [...sql.matchAll(/\bcheck\s*\(/gi)].map((found) => {
    const begin = found.index + found[0].length
    let end = begin
    for (let open = 1; open > 0; end++) open += sql[end] === '(' ? 1 : sql[end] === ')' ? -1 : 0
    return inOneLine(sql.slice(begin, end - 1))
  })
}

function inOneLine(sql: string): string {
  return sql.trim().replaceAll(/\s+/g, ' ')
}

function addForeignKeys(facts: Facts, name: string, database: Libsql.Database): void {
  const rows = ask<ForeignKeyRow>(database, `pragma foreign_key_list ("${name}")`)
  for (const parts of Map.groupBy(rows, ({ id }) => id).values()) {
    const [{ table, on_delete }] = parts
    const onDelete = on_delete === 'NO ACTION' ? '' : ` on delete ${on_delete.toLowerCase()}`
    const references = `references ${table} (${parts.map(({ to }) => to ?? 'id').join(', ')})${onDelete}`
    const columns = parts.map(({ from }) => from).join(', ')
    facts.add(
      parts.length === 1 ? `${name}.${columns}: ${references}` : `${name}: (${columns}) ${references}`,
    )
  }
}

function addIndexes(facts: Facts, name: string, database: Libsql.Database): void {
  for (const index of ask<{ name: string; unique: number; origin: string }>(
    database,
    `pragma index_list ("${name}")`,
  )) {
    if (index.origin === 'pk') continue
    const on = ask<{ name: string | null; key: number; desc: number }>(
      database,
      `pragma index_xinfo ("${index.name}")`,
    )
      .filter(({ key }) => key === 1)
      .map((part) => `${part.name ?? 'expression'}${part.desc === 1 ? ' desc' : ''}`)
    if (index.origin === 'u') facts.add(`${name}: unique (${on.join(', ')})`)
    else {
      const [{ sql }] = ask<{ sql: string }>(
        database,
        `select sql from sqlite_master where name = '${index.name}'`,
      )
      const where = /\bwhere\b(?<condition>.*)$/i.exec(inOneLine(sql))?.groups?.condition.trim()
      facts.add(`${name}: ${indexFact(index.name, on, index.unique === 1, where)}`)
    }
  }
}

import type Libsql from 'libsql'

/** Compiled statements kept for reuse; the hot paths need about 40. */
const STATEMENT_CACHE_SIZE = 200

/** What a statement gave: rows with their columns, or what it changed. Can be sent from one thread to another. */
export interface StatementResult {
  /** Of statements that give rows; undefined for others. */
  columns: readonly string[] | undefined
  /** In the order of the columns; blobs as ArrayBuffer. */
  rows: unknown[][]
  changes: number
  lastInsertRowid: number | bigint
}

/** Runs statements on one libsql connection and keeps them compiled. Synchronous. */
export class StatementRunner {
  readonly #database: Libsql.Database
  readonly #statements = new Map<string, Prepared>()

  constructor(database: Libsql.Database) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  /** @throws what libsql throws, with the result code of SQLite as `rawCode` */
  run(sql: string, parameters: readonly unknown[]): StatementResult {
    if (sql === 'commit') {
      // A compiled commit that failed would keep its lock.
      this.#database.exec(sql)
      return { columns: undefined, rows: [], changes: 0, lastInsertRowid: 0 }
    }
    const { statement, columns } = this.#prepare(sql)
    const given = parameters.map(toSqlite)
    if (columns !== undefined) {
      return { columns, rows: statement.all(given) as unknown[][], changes: 0, lastInsertRowid: 0 }
    }
    return { columns, rows: [], ...statement.run(given) }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql)
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql)
      // Rows as arrays, named later: setting each name through the native side takes more than twice as long.
      const columns = statement.reader ? statement.columns().map(({ name }) => name) : undefined
      if (columns !== undefined) statement.raw()
      prepared = { statement, columns }
      if (this.#statements.size >= STATEMENT_CACHE_SIZE) {
        const [oldest] = this.#statements.keys()
        this.#statements.delete(oldest)
      }
      this.#statements.set(sql, prepared)
    }
    return prepared
  }
}

/** A compiled statement; columns of those that give rows. */
interface Prepared {
  statement: Libsql.Statement
  columns: readonly string[] | undefined
}

/** libsql takes buffers, and nothing else of the typed arrays. */
function toSqlite(value: unknown): unknown {
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  return typeof value === 'boolean' ? Number(value) : value
}

import { setTimeout as delay } from 'node:timers/promises'
import type Libsql from 'libsql'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { AppError } from '../errors.ts'
import { isBusy, toStorageError } from './storage-errors.ts'

/** How long a write waits for other processes' writes before it gives up. */
export const BUSY_LIMIT_MS = 60_000
const BUSY_FIRST_WAIT_MS = 2
const BUSY_LONGEST_WAIT_MS = 50
/** Compiled statements kept for reuse; the hot paths need about 40. */
const STATEMENT_CACHE_SIZE = 200

/**
 * Kysely over one libsql connection.
 *
 * Transactions start with BEGIN IMMEDIATE, so that they never fail half-way because another process wrote first.
 * While another process holds the write lock, waiting is asynchronous: the event loop stays free.
 * One connection serves one transaction at a time; the others queue.
 */
export class LibsqlDialect implements Dialect {
  readonly #database: Libsql.Database

  constructor(database: Libsql.Database) {
    this.#database = database
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#database)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class LibsqlDriver implements Driver {
  readonly #connection: LibsqlConnection
  #tail: Promise<void> = Promise.resolve()
  #release: (() => void) | undefined

  constructor(database: Libsql.Database) {
    this.#connection = new LibsqlConnection(database)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#tail
    let release!: () => void
    this.#tail = new Promise((resolve) => {
      release = resolve
    })
    await before
    this.#release = release
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has already rolled back when a disk-full error ended the transaction.
    if (this.#connection.inTransaction) {
      await this.#connection.executeQuery(CompiledQuery.raw('rollback'))
    }
  }

  async destroy(): Promise<void> {
    this.#connection.close()
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #database: Libsql.Database
  readonly #statements = new Map<string, Prepared>()

  constructor(database: Libsql.Database) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const deadline = Date.now() + BUSY_LIMIT_MS
    let waitMs = BUSY_FIRST_WAIT_MS
    for (;;) {
      try {
        return this.#run<Row>(query)
      } catch (error) {
        if (!isBusy(error)) throw toStorageError(error, 'using the record')
        if (Date.now() > deadline) {
          throw new AppError(
            'conflict',
            `Another process has been writing the record for more than ${BUSY_LIMIT_MS / 1000} s. Nothing of this step was written; try again.`,
            { cause: error },
          )
        }
      }
      await delay(waitMs)
      waitMs = Math.min(waitMs * 2, BUSY_LONGEST_WAIT_MS)
    }
  }

  // oxlint-disable-next-line require-yield -- the record is read in pages by key, never streamed
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new AppError('internal', 'The record is read in pages by key; streaming is not offered.')
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #run<Row>(query: CompiledQuery): QueryResult<Row> {
    if (query.sql === 'commit') {
      // A compiled commit that failed would keep its lock.
      this.#database.exec(query.sql)
      return { rows: [] }
    }
    const { statement, columns } = this.#prepare(query.sql)
    const parameters = query.parameters.map(toSqlite)
    if (columns !== undefined) {
      const rows = statement.all(parameters) as unknown[][]
      return { rows: rows.map((row) => named(row, columns)) as Row[] }
    }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql)
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql)
      // Rows as arrays, named here: setting each name through the native side takes more than twice as long.
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

/** A row as the record's types have it: by column, blobs as Uint8Array, where libsql gives ArrayBuffer. */
function named(row: readonly unknown[], columns: readonly string[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const [at, name] of columns.entries()) {
    const value = row[at]
    record[name] = value instanceof ArrayBuffer ? new Uint8Array(value) : value
  }
  return record
}

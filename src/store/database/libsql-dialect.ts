import { setTimeout as delay } from 'node:timers/promises'
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { BackOff } from '../../concurrency/back-off.ts'
import { SerialQueue } from '../../concurrency/serial-queue.ts'
import { AppError } from '../../errors.ts'
import type { RecordConnection } from './connection-thread.ts'
import type { ReaderPool } from './reader-pool.ts'
import type { StatementResult } from './run-statement.ts'
import { isBusy, toStorageError } from './storage-errors.ts'

/** How long a write waits for other processes' writes before it gives up. */
export const BUSY_LIMIT_MS = 60_000
const BUSY_FIRST_WAIT_MS = 2
const BUSY_LONGEST_WAIT_MS = 50

/** What queries run on. */
export interface Connections {
  /** The connection that writes; called again when it has ended. */
  openWriter(): RecordConnection
  /** What is read outside of transactions is read here; undefined: on the connection that writes, in turn. */
  readers: ReaderPool | undefined
}

/**
 * Kysely over libsql: one connection that writes and, with readers, others that read beside it. A read that begins after
 * a commit sees what was committed (https://www.sqlite.org/isolation.html), so whoever writes and then reads finds it.
 *
 * Transactions start with BEGIN IMMEDIATE, so that they never fail half-way because another process wrote first.
 * While another process holds the write lock, waiting is asynchronous: the event loop stays free.
 * The writing connection serves one transaction at a time; the others queue.
 */
export class LibsqlDialect implements Dialect {
  readonly #connections: Connections
  readonly #written: () => void

  /** @param written called whenever something may have been written: a transaction, or a statement outside of one */
  constructor(connections: Connections, written: () => void) {
    this.#connections = connections
    this.#written = written
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#connections, this.#written)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new LibsqlAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class LibsqlAdapter extends SqliteAdapter {
  /** Kysely would let one query wait for the other. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class LibsqlDriver implements Driver {
  readonly #readers: ReaderPool | undefined
  readonly #turns: WriterTurns

  constructor(connections: Connections, written: () => void) {
    this.#readers = connections.readers
    this.#turns = new WriterTurns(() => connections.openWriter(), written)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Session> {
    return new Session(this.#turns, this.#readers)
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(session: Session): Promise<void> {
    await session.begin()
  }

  async commitTransaction(session: Session): Promise<void> {
    await session.end('commit')
  }

  async rollbackTransaction(session: Session): Promise<void> {
    await session.end('rollback')
  }

  async destroy(): Promise<void> {
    await this.#turns.close()
    await this.#readers?.close()
  }
}

/** The connection that writes, for one after another. */
class WriterTurns {
  readonly #open: () => RecordConnection
  readonly #ended: () => void
  #connection: RecordConnection
  readonly #queue = new SerialQueue()

  constructor(open: () => RecordConnection, ended: () => void) {
    this.#open = open
    this.#ended = ended
    this.#connection = open()
  }

  /** Waits for the turn. @returns the connection and what ends the turn */
  async take(): Promise<{ connection: RecordConnection; release: () => void }> {
    const leave = await this.#queue.take()
    if (this.#connection.ended) this.#connection = this.#open()
    const release = (): void => {
      leave()
      this.#ended()
    }
    return { connection: this.#connection, release }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}

/** One user of the record: a query, or a transaction with all its queries. */
class Session implements DatabaseConnection {
  readonly #turns: WriterTurns
  readonly #readers: ReaderPool | undefined
  #transaction: { connection: RecordConnection; release: () => void } | undefined

  constructor(turns: WriterTurns, readers: ReaderPool | undefined) {
    this.#turns = turns
    this.#readers = readers
  }

  async begin(): Promise<void> {
    const turn = await this.#turns.take()
    try {
      await execute(() => turn.connection.run('begin immediate', []))
      this.#transaction = turn
    } catch (error) {
      turn.release()
      throw error
    }
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const turn = this.#transaction
    if (turn === undefined) return
    const { connection } = turn
    // A commit that failed is rolled back by who asked for it; only then the turn ends.
    if (how === 'commit') await execute(() => connection.run(how, []))
    try {
      // SQLite has already rolled back when a disk-full error, or the end of the thread, ended the transaction.
      if (connection.inTransaction) await execute(() => connection.run(how, []))
    } finally {
      this.#transaction = undefined
      turn.release()
    }
  }

  async executeQuery<Row>(
    query: CompiledQuery,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<QueryResult<Row>> {
    const { sql, parameters } = query
    if (this.#transaction !== undefined) {
      const { connection } = this.#transaction
      return queryResult(await execute(() => connection.run(sql, parameters)))
    }
    const readers = this.#readers
    if (readers !== undefined && onlyReads(query)) {
      return queryResult(await execute(() => readers.run(sql, parameters, options.signal)))
    }
    const { connection, release } = await this.#turns.take()
    try {
      return queryResult(await execute(() => connection.run(sql, parameters)))
    } finally {
      release()
    }
  }

  // oxlint-disable-next-line require-yield -- the record is read in pages by key, never streamed
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new AppError('internal', 'The record is read in pages by key; streaming is not offered.')
  }
}

/** Runs a statement; while another process writes, it is tried again. */
async function execute(run: () => Promise<StatementResult>): Promise<StatementResult> {
  const deadline = Date.now() + BUSY_LIMIT_MS
  const backOff = new BackOff(BUSY_FIRST_WAIT_MS, BUSY_LONGEST_WAIT_MS)
  for (;;) {
    try {
      return await run()
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
    await delay(backOff.failed())
  }
}

/** Whether a query changes nothing. One taken for a read by mistake is refused by the connection that reads. */
function onlyReads({ query, sql }: CompiledQuery): boolean {
  if (query.kind === 'RawNode') return /^\s*select\b/i.test(sql)
  return query.kind === 'SelectQueryNode'
}

function queryResult<Row>({ columns, rows, changes, lastInsertRowid }: StatementResult): QueryResult<Row> {
  if (columns !== undefined) return { rows: rows.map((row) => named(row, columns)) as Row[] }
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
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

import type Libsql from 'libsql'
import type { RecordConnection } from './connection-thread.ts'
import { StatementRunner, type StatementResult } from './run-statement.ts'

/** A connection in the thread that uses it: for commands, which have nobody else to serve meanwhile. */
export class OwnConnection implements RecordConnection {
  readonly #runner: StatementRunner
  ended = false

  constructor(database: Libsql.Database) {
    this.#runner = new StatementRunner(database)
  }

  get inTransaction(): boolean {
    return this.#runner.inTransaction
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#runner.run(sql, parameters)
  }

  async close(): Promise<void> {
    if (!this.ended) this.#runner.close()
    this.ended = true
  }
}

import { parentPort, workerData } from 'node:worker_threads'
import { watchBoundRows } from '../tables/bound-rows.ts'
import { openDatabase, readPragma } from './open-database.ts'
import { StatementRunner, type StatementResult } from './run-statement.ts'

/** What a connection thread is started with. */
export interface ConnectionSettings {
  file: string
  /** 64 hex digits, or undefined for an unencrypted record. */
  key: string | undefined
  /** Refuses to write. */
  readOnly: boolean
}

export interface StatementRequest {
  sql: string
  parameters: readonly unknown[]
}

/** Replies come in the order of the requests, after one word that says that the connection is open. */
export type StatementReply =
  | { result: StatementResult; inTransaction: boolean }
  | { failure: { message: string; code: unknown; rawCode: unknown }; inTransaction: boolean }

const { file, key, readOnly } = workerData as ConnectionSettings
const database = openDatabase(file, key)
if (readOnly) readPragma(database, 'query_only = on')
else watchBoundRows(database)
const runner = new StatementRunner(database)

function perform({ sql, parameters }: StatementRequest): StatementReply {
  try {
    const result = runner.run(sql, parameters)
    return { result, inTransaction: runner.inTransaction }
  } catch (error) {
    const { message, code, rawCode } = error as Error & { code?: unknown; rawCode?: unknown }
    return { failure: { message, code, rawCode }, inTransaction: runner.inTransaction }
  }
}

parentPort?.on('message', (request: StatementRequest | 'close') => {
  if (request !== 'close') {
    parentPort?.postMessage(perform(request))
    return
  }
  // libsql panics when a connection is closed as soon as it was opened; it goes with its thread.
  parentPort?.close()
})
parentPort?.postMessage('open')

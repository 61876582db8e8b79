import type { Kysely, Transaction } from 'kysely'
import type { RecordTables } from '../tables/record-tables.ts'

/** What queries run on: the record itself or a transaction of it. */
export type Db = Kysely<RecordTables>

export type Tx = Transaction<RecordTables>

import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { declaredFacts, differences, schemaFacts } from '../../../test/support/schema-facts.ts'
import { MIGRATIONS } from '../database/migrations.ts'
import { DIGESTED_TABLES } from './row-digest.ts'
import { TABLES } from './record-tables.ts'

/** How a record's schema differs from the declarations when a further migration changes it. */
function differencesAfter(change: string): string[] {
  const database = new Libsql(':memory:')
  for (const migration of MIGRATIONS) database.exec(migration)
  database.exec(change)
  return differences(declaredFacts(TABLES), schemaFacts(database))
}

test('every table is declared as the migrations make it', () => {
  expect(differencesAfter('')).toEqual([])
})

test.each([
  ['alter table media add column colour text', ['only made by migrations: media.colour: text']],
  ['alter table setting drop column value', ['only declared: setting.value: text not null']],
  [
    'create table pigeon (id integer not null references agency (id)) strict',
    [
      'only made by migrations: pigeon.id: integer not null',
      'only made by migrations: pigeon.id: references agency (id)',
      'only made by migrations: pigeon: strict',
    ],
  ],
  ['drop index face_media', ['only declared: face: index face_media (media_id)']],
  [
    `drop index verification_open; create index verification_open on verification (identification_id) where state = 'waiting'`,
    [
      `only declared: verification: unique index verification_open (identification_id) where state in ('waiting', 'taken')`,
      `only made by migrations: verification: index verification_open (identification_id) where state = 'waiting'`,
    ],
  ],
  [
    `alter table report add column pages integer not null default 1 check (pages > 0)`,
    [
      'only made by migrations: report.pages: integer not null default 1',
      'only made by migrations: report: check (pages > 0)',
    ],
  ],
])('a difference is named by table and column: %s', (change, named) => {
  expect(differencesAfter(change)).toEqual(named)
})

test('the checksum of every row with a digest column is looked at', () => {
  const database = new Libsql(':memory:')
  for (const migration of MIGRATIONS) database.exec(migration)
  const withDigest = database
    .prepare(
      `select t.name from sqlite_master as t, pragma_table_info(t.name) as c where t.type = 'table' and c.name = 'digest'`,
    )
    .all() as { name: string }[]
  expect([...DIGESTED_TABLES].toSorted()).toEqual(withDigest.map(({ name }) => name).toSorted())
})

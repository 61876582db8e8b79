import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { actor, storeWithCollection } from '../../test/support/enrolled-record.ts'
import { madeUpAccount, agencyOfRecord } from '../../test/support/made-up-accounts.ts'
import { examine, leadBureau, verify } from '../../test/support/lead-bureau.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { changeRoles } from '../access/accounts.ts'
import { takeLineup } from '../examination/take-lineup.ts'
import { liftSuspension, suspend } from '../access/suspensions.ts'
import { BOUND_TABLES, boundHash, type BoundTable } from '../store/tables/bound-rows.ts'
import { openDatabase } from '../store/database/open-database.ts'
import { withDigest, type DigestedTable } from '../store/tables/row-digest.ts'
import { openStore, type Store } from '../store/store.ts'
import { BIND_ROWS, bindEarlierRows } from './bind-earlier-rows.ts'
import { openInstanceKey } from './signing-key.ts'
import type { AuditFault } from './audit-fault.ts'
import { verifyLog } from './verify-log.ts'

/** What somebody does who can write the database file: all triggers out, the change, and the triggers back in. */
function past(store: Store, statement: string, ...parameters: (string | Buffer | null)[]): void {
  const database = openDatabase(store.record.files.database, undefined)
  try {
    const triggers = database.prepare("select name, sql from sqlite_master where type = 'trigger'").all() as {
      name: string
      sql: string
    }[]
    database.exec('pragma foreign_keys = off')
    for (const { name } of triggers) database.exec(`drop trigger ${name}`)
    database.prepare(statement).run(...parameters)
    for (const trigger of triggers) database.exec(trigger.sql)
  } finally {
    database.close()
  }
}

/** Changes a column of a row and its digest with it, as somebody would who has read our source. */
async function forge(
  store: Store,
  table: BoundTable & DigestedTable,
  id: string,
  changes: object,
): Promise<void> {
  const { rows } = await sql<{
    digest: Uint8Array
  }>`select * from ${sql.table(table)} where id = ${id}`.execute(store.db)
  const { digest: _digest, ...row } = rows[0]
  const forged = withDigest(table, { ...row, ...changes }) as Record<string, unknown>
  for (const column of [...Object.keys(changes), 'digest'])
    past(store, `update ${table} set ${column} = ? where id = ?`, forged[column] as string | Buffer, id)
}

async function faults(store: Store): Promise<AuditFault[]> {
  const { publicKey } = openInstanceKey(store.dataFolder, undefined)
  return (await verifyLog({ store }, actor, { publicKey })).faults
}

const prepared = mkdtempSync(path.join(tmpdir(), 'likeness-verified-'))
afterAll(() => rmSync(prepared, { recursive: true, force: true }))
/** A data folder with a lead that was examined and verified, so that rows of all kinds stand in the record; made once. */
let verified: Promise<string> | undefined

async function prepareLead(): Promise<string> {
  const bureau = await leadBureau()
  await examine(bureau, 'same_strong')
  const lineup = await takeLineup(bureau.ctx, bureau.vera)
  await verify(bureau, bureau.vera, lineup!, 'same_strong')
  const { store } = bureau.ctx
  await store.record.checkpointNow()
  const dataFolder = path.join(prepared, 'data')
  cpSync(store.dataFolder, dataFolder, { recursive: true })
  return dataFolder
}

/** A record of the test's own with that lead. */
async function verifiedLead(): Promise<Store> {
  verified ??= prepareLead()
  const dataFolder = path.join(scratchFolder(), 'data')
  cpSync(await verified, dataFolder, { recursive: true })
  const store = await openStore({ dataFolder, operatorKey: undefined })
  onTestFinished(() => store.close())
  return store
}

describe('rows that say who decided what', () => {
  test('verify when only people changed them, in the ways they can', async () => {
    const store = await verifiedLead()
    const account = await madeUpAccount(store, await agencyOfRecord(store), 'Ada', ['examiner'])
    await changeRoles({ store }, actor, { accountId: account.accountId, roles: ['curator'] })
    await suspend({ store }, actor, { kind: 'account', id: account.accountId, reason: 'test' })
    expect(await faults(store)).toEqual([])
  })

  test.each<[string, BoundTable & DigestedTable, object]>([
    ['the verifier', 'verification', { verifier: 'somebody else' }],
    ['the outcome of a line-up', 'verification', { outcome: 'discordant' }],
    ['who examined', 'examination', { account_id: 'x' }],
    ['a conclusion', 'examination_item', { conclusion: 'different_strong' }],
    ['a role', 'membership', { role: 'supervisor' }],
    ['the state of a lead', 'identification', { state: 'identified' }],
    ['who leads a case', 'case_file', { lead_id: 'x' }],
    ['the threshold of a search', 'search', { threshold: 0.9 }],
  ])(
    '%s, changed past the log, is named with the event that wrote it last',
    async (_what, table, changes) => {
      const store = await verifiedLead()
      const { rows } = await sql<{ id: string }>`select id from ${sql.table(table)}`.execute(store.db)
      const { id } = rows[0]
      await forge(store, table, id, changes)
      const found = await faults(store)
      expect(found).toMatchObject([{ kind: 'row' }])
      expect(found[0].detail).toContain(`${table} ${id} is not what event ${found[0].seq} wrote`)
      const named = await store.db
        .selectFrom('audit_event')
        .select('seq')
        .where('seq', '=', found[0].seq)
        .execute()
      expect(named).toHaveLength(1)
    },
  )

  test('a row added or removed past the log is named', async () => {
    const store = await verifiedLead()
    const member = await store.db.selectFrom('membership').selectAll().executeTakeFirstOrThrow()
    past(
      store,
      'insert into membership select ?, account_id, ?, granted_by, granted_at, digest from membership where id = ?',
      'forged',
      'auditor',
      member.id,
    )
    past(store, 'delete from membership where id = ?', member.id)
    expect((await faults(store)).map(({ detail }) => detail)).toEqual([
      expect.stringContaining(`membership forged was added past the log`),
      expect.stringContaining(`membership ${member.id} was removed past the log`),
    ])
  })

  test('a candidate that was exchanged in a list is named with its search', async () => {
    const store = await verifiedLead()
    const { id } = await store.db.selectFrom('search').select('id').executeTakeFirstOrThrow()
    past(store, 'update candidate set face_id = ? where search_id = ?', 'another', id)
    expect((await faults(store)).map(({ detail }) => detail)).toEqual([
      `The candidate list of search ${id} is not the one that was found.`,
    ])
  })

  test('hashes that were exchanged with the row are no way around it', async () => {
    const store = await verifiedLead()
    const { id } = await store.db.selectFrom('verification').select('id').executeTakeFirstOrThrow()
    past(store, `update audit_row set row_hash = ? where row_id = ?`, 'f'.repeat(64), id)
    const kinds = new Set((await faults(store)).map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['rows', 'row']))
  })

  test('an action that writes such a row without an event fails, and nothing of it is written', async () => {
    const store = await storeWithCollection()
    const row = withDigest('agency', {
      id: 'quiet',
      name: 'Quiet',
      created_at: '2026',
      approves_devices: null,
    })
    const write = store.db.transaction().execute((tx) => tx.insertInto('agency').values(row).execute())
    await expect(write).rejects.toMatchObject({ code: 'internal' })
    expect(await store.db.selectFrom('agency').select('id').where('id', '=', 'quiet').execute()).toEqual([])
  })

  test('every table of decisions has an id to be bound by', async () => {
    const store = await storeWithCollection()
    for (const table of BOUND_TABLES) {
      const columns = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(
        store.db,
      )
      expect(
        columns.rows.map(({ name }) => name),
        table,
      ).toContain('id')
    }
  })

  test('the salt of what a row held before is gone with it, removed or changed', async () => {
    const store = await storeWithCollection()
    const account = await madeUpAccount(store, await agencyOfRecord(store), 'Ada', ['examiner'])
    const writings = (table: BoundTable) =>
      store.db
        .selectFrom('audit_row')
        .selectAll()
        .where('table_name', '=', table)
        .orderBy('event_seq')
        .execute()
    expect(await writings('membership')).toMatchObject([{ salt: expect.any(String) }])
    await changeRoles({ store }, actor, { accountId: account.accountId, roles: ['curator'] })
    const [before] = await writings('membership')
    expect(before).toMatchObject({ salt: null, row_hash: expect.any(String) })
    const { id } = await suspend({ store }, actor, { kind: 'account', id: account.accountId, reason: 'test' })
    await liftSuspension({ store }, actor, { id, reason: 'test' })
    expect((await writings('suspension')).map(({ salt }) => salt !== null)).toEqual([false, true])
  })

  test('a hash that no event wrote is no way around it', async () => {
    const store = await verifiedLead()
    const table = 'membership'
    const [{ id }] = (await sql<{ id: string }>`select id from membership`.execute(store.db)).rows
    await forge(store, table, id, { role: 'auditor' })
    const { rows } = await sql<{ id: string }>`select * from membership where id = ${id}`.execute(store.db)
    past(
      store,
      'insert into audit_row (table_name, row_id, event_seq, row_hash, salt) values (?, ?, 1000000, ?, ?)',
      table,
      id,
      boundHash(table, rows[0], '00'),
      '00',
    )
    expect((await faults(store)).map(({ kind }) => kind)).toEqual(['rows'])
  })
})

test('a record of before is bound once, when it is opened, and never again', async () => {
  const store = await verifiedLead()
  past(store, 'delete from audit_row')
  past(store, 'delete from audit_event')
  past(
    store,
    `insert into agency (id, name, created_at, digest)
     select 'agency-' || value, 'Agency ' || value, '2022', x'00' from generate_series(1, ${BIND_ROWS})`,
  )
  const events = (): Promise<{ action: string; details: string }[]> =>
    store.db
      .selectFrom('audit_event')
      .select(['action', 'details'])
      .$narrowType<{ details: string }>()
      .execute()
  await bindEarlierRows(store.db)
  const bound = await events()
  expect(new Set(bound.map(({ action }) => action))).toEqual(new Set(['record.bind']))
  expect(bound.every(({ details }) => JSON.parse(details).rows <= BIND_ROWS)).toBe(true)
  expect(bound.filter(({ details }) => JSON.parse(details).table === 'agency')).toHaveLength(2)
  expect(await faults(store)).toEqual([])
  const { id } = await store.db.selectFrom('membership').select('id').limit(1).executeTakeFirstOrThrow()
  await forge(store, 'membership', id, { role: 'auditor' })
  await bindEarlierRows(store.db)
  expect(await faults(store)).toMatchObject([{ kind: 'row' }])
})

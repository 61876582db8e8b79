import { hash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { takeLineup } from '../../src/examination/take-lineup.ts'
import { readLastSigned } from '../../src/audit/last-signed.ts'
import { signLog } from '../../src/audit/sign-log.ts'
import { openInstanceKey } from '../../src/audit/signing-key.ts'
import { walkLog } from '../../src/audit/verify-log.ts'
import { chainHash, CHAIN_START } from '../../src/store/audit-chain.ts'
import {
  BOUND_TABLES,
  boundHash,
  rowsHash,
  type BoundRow,
  type BoundTable,
} from '../../src/store/tables/bound-rows.ts'
import type { Db, Tx } from '../../src/store/database/db.ts'
import { withDigest, type DigestedTable } from '../../src/store/tables/row-digest.ts'
import { examine, leadBureau, verify } from '../support/lead-bureau.ts'

// Somebody who can write the database file, has read our source and makes every digest and every hash right that can be
// made without the signing key: 10,000 random edits, each undone again.

const EDITS = 10_000
const SEED = 20_220_224

type Row = Record<string, unknown>

/** Random numbers from a seed (mulberry32), so that a failure can be seen again. */
class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]
  }
}

/** One way to edit: what was done, in words, or undefined when this record has nothing of the kind. */
type Edit = (tx: Tx, chance: Chance) => Promise<string | undefined>

async function all(tx: Tx, table: string): Promise<Row[]> {
  return (await sql<Row>`select rowid as row_number, * from ${sql.table(table)} order by 1`.execute(tx)).rows
}

/** The bound tables without a rowid have a key of their own. */
async function bound(tx: Tx, chance: Chance): Promise<{ table: string; row: Row } | undefined> {
  const table = chance.of(BOUND_TABLES)
  const { rows } = await sql<Row>`select * from ${sql.table(table)} order by id`.execute(tx)
  return rows.length === 0 ? undefined : { table, row: chance.of(rows) }
}

function changed(value: unknown, chance: Chance): unknown {
  if (typeof value === 'number') return value + 1 + chance.below(9)
  if (typeof value === 'string') {
    const at = chance.below(value.length + 1)
    return `${value.slice(0, at)}${String.fromCodePoint(97 + chance.below(26))}${value.slice(at)}`
  }
  return value instanceof Uint8Array ? randomBytes(Math.max(1, value.byteLength)) : 'x'
}

async function write(tx: Tx, table: string, id: string, row: Row): Promise<void> {
  const { digest: _digest, ...facts } = row
  const forged = 'digest' in row ? withDigest(table as DigestedTable, facts) : facts
  const assignments = Object.entries(forged).map(([name, value]) => sql`${sql.ref(name)} = ${value}`)
  await sql`update ${sql.table(table)} set ${sql.join(assignments)} where id = ${id}`.execute(tx)
}

async function insert(tx: Tx, table: string, row: Row): Promise<void> {
  const names = sql.join(Object.keys(row).map((name) => sql.ref(name)))
  await sql`insert into ${sql.table(table)} (${names}) values (${sql.join(Object.values(row))})`.execute(tx)
}

const changeRow: Edit = async (tx, chance) => {
  const found = await bound(tx, chance)
  if (found === undefined) return undefined
  const { table, row } = found
  const column = chance.of(Object.keys(row).filter((name) => name !== 'digest' && name !== 'seq'))
  await write(tx, table, row.id as string, { ...row, [column]: changed(row[column], chance) })
  return `${column} of ${table} ${String(row.id)} changed`
}

const removeRow: Edit = async (tx, chance) => {
  const found = await bound(tx, chance)
  if (found === undefined) return undefined
  await sql`delete from ${sql.table(found.table)} where id = ${found.row.id}`.execute(tx)
  return `${found.table} ${String(found.row.id)} removed`
}

const addRow: Edit = async (tx, chance) => {
  const found = await bound(tx, chance)
  if (found === undefined) return undefined
  const { digest: _digest, seq: _seq, ...facts } = found.row
  const copy = { ...facts, id: hash('sha256', randomBytes(8)).slice(0, 32) }
  await insert(tx, found.table, 'digest' in found.row ? withDigest(found.table as DigestedTable, copy) : copy)
  return `${found.table} added`
}

/** A row gets what another one of its table holds in one place. */
const exchange: Edit = async (tx, chance) => {
  const found = await bound(tx, chance)
  if (found === undefined) return undefined
  const { table, row } = found
  const { rows } = await sql<Row>`select * from ${sql.table(table)} where id <> ${row.id}`.execute(tx)
  if (rows.length === 0) return undefined
  const other = chance.of(rows)
  const columns = Object.keys(row).filter(
    (name) =>
      !['id', 'digest', 'seq'].includes(name) && JSON.stringify(row[name]) !== JSON.stringify(other[name]),
  )
  if (columns.length === 0) return undefined
  const column = chance.of(columns)
  await write(tx, table, row.id as string, { ...row, [column]: other[column] })
  return `${column} of ${table} ${String(row.id)} given what ${String(other.id)} holds`
}

const changeCandidate: Edit = async (tx, chance) => {
  const { rows } = await sql<Row>`select * from candidate`.execute(tx)
  const { search_id, rank, similarity } = chance.of(rows)
  await (
    chance.below(2) === 0
      ? sql`update candidate set similarity = ${Number(similarity) + 0.01} where search_id = ${search_id} and rank = ${rank}`
      : sql`delete from candidate where search_id = ${search_id} and rank = ${rank}`
  ).execute(tx)
  return `candidate ${String(rank)} of search ${String(search_id)}`
}

async function events(tx: Tx): Promise<Row[]> {
  return (await sql<Row>`select * from audit_event order by seq`.execute(tx)).rows
}

async function putEvent(tx: Tx, { digest: _digest, ...event }: Row): Promise<void> {
  await sql`delete from audit_event where seq = ${event.seq}`.execute(tx)
  await insert(tx, 'audit_event', withDigest('audit_event', event))
}

const changeEvent: Edit = async (tx, chance) => {
  const event = chance.of(await events(tx))
  const column = chance.of(Object.keys(event).filter((name) => !['seq', 'digest'].includes(name)))
  await putEvent(tx, { ...event, [column]: changed(event[column], chance) })
  return `${column} of event ${String(event.seq)} changed`
}

const removeEvents: Edit = async (tx, chance) => {
  const log = await events(tx)
  const { seq } = chance.of(log)
  const until = Number(seq) + chance.below(3)
  await sql`delete from audit_event where seq between ${seq} and ${until}`.execute(tx)
  return `events ${String(seq)} to ${until} removed`
}

const swapEvents: Edit = async (tx, chance) => {
  const log = await events(tx)
  const [one, other] = [chance.of(log), chance.of(log)]
  if (one.seq === other.seq) return undefined
  await sql`delete from audit_event where seq in (${one.seq}, ${other.seq})`.execute(tx)
  await putEvent(tx, { ...one, seq: other.seq })
  await putEvent(tx, { ...other, seq: one.seq })
  return `events ${String(one.seq)} and ${String(other.seq)} changed places`
}

const truncate: Edit = async (tx, chance) => {
  const { seq } = chance.of(await events(tx))
  await sql`delete from audit_event where seq >= ${seq}`.execute(tx)
  await sql`delete from audit_row where event_seq >= ${seq}`.execute(tx)
  if (chance.below(2) === 0) await sql`delete from audit_checkpoint where seq >= ${seq}`.execute(tx)
  return `cut off at event ${String(seq)}`
}

/** The log written anew from an event on, all hashes and digests right; without the signing key the checkpoints stay or go. */
const rebuild: Edit = async (tx, chance) => {
  const log = await events(tx)
  const at = chance.below(log.length)
  let chain = at === 0 ? CHAIN_START : (log[at - 1].chain_hash as string)
  const leaveOut = chance.below(2)
  for (const [number, { digest: _digest, chain_hash: _hash, ...event }] of log.slice(at).entries()) {
    if (number === 0 && leaveOut === 1 && log.length - at > 1) {
      await sql`delete from audit_event where seq = ${event.seq}`.execute(tx)
      continue
    }
    const seq = Number(event.seq) - (leaveOut === 1 && log.length - at > 1 ? 1 : 0)
    await sql`delete from audit_event where seq = ${event.seq}`.execute(tx)
    const forged = { ...event, seq, actor: number === 0 ? 'somebody else' : event.actor }
    chain = chainHash(chain, forged as Parameters<typeof chainHash>[1])
    await putEvent(tx, { ...forged, chain_hash: chain })
  }
  if (chance.below(2) === 0) await sql`delete from audit_checkpoint`.execute(tx)
  return `the log written anew from event ${at + 1}`
}

/** A row's hash in the log made to fit a forged row, and the event's list with it. */
const changeHashes: Edit = async (tx, chance) => {
  const { rows } = await sql<BoundRow & { event_seq: number }>`select * from audit_row`.execute(tx)
  const row = chance.of(rows)
  const forged = hash('sha256', String(chance.below(2 ** 31)))
  await sql`update audit_row set row_hash = ${forged}
    where table_name = ${row.table_name} and row_id = ${row.row_id} and event_seq = ${row.event_seq}`.execute(
    tx,
  )
  if (chance.below(2) === 0) {
    const own = rows.filter(({ event_seq }) => event_seq === row.event_seq)
    const list = own.map((one) => (one === row ? { ...row, row_hash: forged } : one))
    const event = (await events(tx)).find(({ seq }) => seq === row.event_seq)!
    await putEvent(tx, { ...event, rows_hash: rowsHash(list) })
  }
  return `hash of ${row.table_name} ${row.row_id} in event ${row.event_seq}`
}

const removeHashes: Edit = async (tx, chance) => {
  const { rows } = await sql<BoundRow>`select * from audit_row`.execute(tx)
  const { table_name, row_id } = chance.of(rows)
  await (
    chance.below(2) === 0
      ? sql`delete from audit_row where table_name = ${table_name} and row_id = ${row_id}`
      : sql`update audit_row set salt = null where table_name = ${table_name} and row_id = ${row_id}`
  ).execute(tx)
  return `hashes or salts of ${table_name} ${row_id} removed`
}

/** A row changed, and a hash that fits it kept beside the log's own, for an event that is there or for none. */
const addHash: Edit = async (tx, chance) => {
  const found = await bound(tx, chance)
  if (found === undefined) return undefined
  const { table, row } = found
  const column = chance.of(Object.keys(row).filter((name) => !['id', 'digest', 'seq'].includes(name)))
  await write(tx, table, row.id as string, { ...row, [column]: changed(row[column], chance) })
  const { rows } = await sql<Row>`select * from ${sql.table(table)} where id = ${row.id}`.execute(tx)
  const seq = chance.below(2) === 0 ? chance.of(await events(tx)).seq : 1_000_000
  const row_hash = boundHash(table as BoundTable, rows[0], '00')
  await insert(tx, 'audit_row', { table_name: table, row_id: row.id, event_seq: seq, row_hash, salt: '00' })
  return `${table} ${String(row.id)} changed, with a hash for event ${String(seq)}`
}

const changeCheckpoint: Edit = async (tx, chance) => {
  const rows = await all(tx, 'audit_checkpoint')
  const { seq, row_number: _number, ...row } = chance.of(rows)
  const column = chance.of(Object.keys(row))
  await (
    chance.below(3) === 0
      ? sql`delete from audit_checkpoint where seq = ${seq}`
      : sql`update audit_checkpoint set ${sql.ref(column)} = ${changed(row[column], chance)} where seq = ${seq}`
  ).execute(tx)
  return `${column} of the checkpoint of event ${String(seq)}`
}

const WAYS: readonly Edit[] = [
  changeRow,
  changeRow,
  changeRow,
  removeRow,
  addRow,
  exchange,
  changeCandidate,
  changeEvent,
  changeEvent,
  removeEvents,
  swapEvents,
  truncate,
  rebuild,
  changeHashes,
  removeHashes,
  addHash,
  changeCheckpoint,
]

class Undo extends Error {}

/** Does something in a transaction that is then rolled back. */
async function undone<Result>(db: Db, act: (tx: Tx) => Promise<Result>): Promise<Result> {
  let result: { value: Result } | undefined
  await db
    .transaction()
    .execute(async (tx) => {
      result = { value: await act(tx) }
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  return result!.value
}

/** An edit that the schema itself refuses (a key that is there already) is not one. */
function refusedBySchema(error: unknown): undefined {
  if (error instanceof Error && /constraint|unique|cannot store/i.test(error.message)) return undefined
  throw error
}

test(`${EDITS} random edits of decisions, rights and the log are each found and named`, async () => {
  const bureau = await leadBureau()
  await examine(bureau, 'same_strong')
  const lineup = await takeLineup(bureau.ctx, bureau.vera)
  await verify(bureau, bureau.vera, lineup!, 'same_strong')
  const { store } = bureau.ctx
  const key = openInstanceKey(store.dataFolder, undefined)
  await signLog({ store }, key)
  const input = { publicKey: key.publicKey, lastSigned: readLastSigned(key) }
  expect((await walkLog(store.db, store.dataFolder, input)).faults).toEqual([])
  // The triggers that refuse changes of the log are in the file: whoever can write it takes them out.
  await sql`pragma foreign_keys = off`.execute(store.db)
  const triggers = await sql<{ name: string }>`select name from sqlite_master where type = 'trigger'`.execute(
    store.db,
  )
  for (const { name } of triggers.rows) await sql`drop trigger ${sql.ref(name)}`.execute(store.db)

  const chance = new Chance(SEED)
  const done = new Map<Edit, number>()
  const missed: string[] = []
  let made = 0
  while (made < EDITS) {
    const way = chance.of(WAYS)
    const what = await undone(store.db, async (tx) => {
      const edit = await way(tx, chance).catch(refusedBySchema)
      if (edit === undefined) return undefined
      const { faults } = await walkLog(tx, store.dataFolder, input)
      return { edit, isNamed: faults.length > 0 && faults.every(({ detail }) => detail !== '') }
    })
    if (what === undefined) continue
    made += 1
    done.set(way, (done.get(way) ?? 0) + 1)
    if (!what.isNamed) missed.push(what.edit)
  }
  expect(missed).toEqual([])
  // What is never tried proves nothing.
  for (const way of new Set(WAYS)) expect(done.get(way) ?? 0, way.name).toBeGreaterThan(10)
}, 1_200_000)

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3-multiple-ciphers'
import { openDatabase } from '../../src/store/database/open-database.ts'
import { median } from '../gallery/measure.ts'

/**
 * The record's SQLite (libsql; AES-256-CBC when encrypted) beside SQLite3 Multiple Ciphers with pages that are
 * authenticated (AEGIS, ChaCha20 with Poly1305), in turns, with the record's own settings. Says for each also how many
 * flipped bits of the file are found by reading it. `--rounds N`, `--json`.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
})
const KEY = randomBytes(32).toString('hex')
const BLOB = randomBytes(2048)
const ROWS_A_COMMIT = 500
const COMMITS = 40
const SINGLE_COMMITS = 200
const READS = 20_000
/** Coprime with the number of rows: every row comes once, and none beside its neighbour. */
const STRIDE = 7919
const DAMAGED_COPIES = 40
const SETTINGS = [
  'page_size = 16384',
  'journal_mode = wal',
  'synchronous = full',
  'secure_delete = on',
  'wal_autocheckpoint = 0',
]

interface Connection {
  exec(sql: string): unknown
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown }
  close(): unknown
}
type Times = Record<'rows' | 'commits' | 'checkpoint' | 'reads' | 'scan', number>

function openCiphers(file: string, cipher: string | undefined): Connection {
  const database = new Database(file)
  if (cipher !== undefined) {
    database.pragma(`cipher = '${cipher}'`)
    database.pragma(`hexkey = '${KEY}'`)
  }
  for (const setting of SETTINGS) database.pragma(setting)
  return database
}

const KINDS: Record<string, (file: string) => Connection> = {
  'libsql, unencrypted': (file) => openDatabase(file, undefined),
  'Multiple Ciphers, unencrypted': (file) => openCiphers(file, undefined),
  'libsql, AES-256-CBC': (file) => openDatabase(file, KEY),
  'Multiple Ciphers, AEGIS': (file) => openCiphers(file, 'aegis'),
  'Multiple Ciphers, ChaCha20-Poly1305': (file) => openCiphers(file, 'chacha20'),
}

function timed(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

function measure(open: (file: string) => Connection, file: string): Times {
  let database = open(file)
  database.exec('create table r (id integer primary key, n integer, v blob)')
  const insert = database.prepare('insert into r (n, v) values (?, ?)')
  const commit = (rows: number): void => {
    database.exec('begin immediate')
    for (let row = 0; row < rows; row++) insert.run(row, BLOB)
    database.exec('commit')
  }
  const rows = timed(() => {
    for (let count = 0; count < COMMITS; count++) commit(ROWS_A_COMMIT)
  })
  const commits = timed(() => {
    for (let count = 0; count < SINGLE_COMMITS; count++) commit(1)
  })
  const checkpoint = timed(() => void database.prepare('pragma wal_checkpoint(truncate)').get())
  database.close()
  database = open(file)
  const read = database.prepare('select * from r where id = ?')
  const reads = timed(() => {
    for (let count = 0; count < READS; count++) read.get(((count * STRIDE) % READS) + 1)
  })
  const scan = timed(() => void database.prepare('select sum(n), sum(length(v)) from r').get())
  database.close()
  return { rows, commits, checkpoint, reads, scan }
}

/** Of so many copies of the file, with one bit flipped in each, how many fail to be read to the last byte. */
function flippedBitsFound(open: (file: string) => Connection, file: string): number {
  const bytes = readFileSync(file)
  let found = 0
  for (let copy = 1; copy <= DAMAGED_COPIES; copy++) {
    const at = Math.floor((bytes.length * copy) / (DAMAGED_COPIES + 1))
    bytes[at] ^= 1
    const damaged = `${file}.damaged`
    writeFileSync(damaged, bytes)
    bytes[at] ^= 1
    const database = open(damaged)
    try {
      database.prepare('select sum(n), max(v) from r').get()
    } catch {
      found += 1
    } finally {
      database.close()
      rmSync(damaged)
    }
  }
  return found
}

const folder = mkdtempSync(path.join(tmpdir(), 'likeness-bench-ciphers-'))
try {
  const times = new Map<string, Times[]>()
  const found: Record<string, number> = {}
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, open] of Object.entries(KINDS)) {
      const file = path.join(folder, `${round} ${name}`)
      times.set(name, [...(times.get(name) ?? []), measure(open, file)])
      if (round === 0) found[name] = flippedBitsFound(open, file)
      rmSync(file)
    }
  }
  const parts = ['rows', 'commits', 'checkpoint', 'reads', 'scan'] as const
  const result = Object.fromEntries(
    [...times].map(([name, rounds]) => [
      name,
      {
        ...Object.fromEntries(
          parts.map((part) => [`${part}, ms`, Math.round(median(rounds.map((round) => round[part])))]),
        ),
        [`flipped bits found, of ${DAMAGED_COPIES}`]: found[name],
      },
    ]),
  )
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else console.table(result)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'libsql'
import type { DetectionMode, PhotoReading } from '../engine/types.ts'
import type { ListedFile } from './list-photos.ts'

/** Changes whenever files are read that were refused before: what is known of those is forgotten then. */
const READERS_VERSION = '2'

/** A reading with the version of the readers that refused the file. */
type KeptReading = PhotoReading & { readers?: string }

/** What a reading depends on besides the file's bytes. */
export interface ReadingKey {
  packId: string
  pipelineVersion: string
  mode: DetectionMode
}

/**
 * Readings of files in folders, kept beside each file's SHA-256 so that a second search reads only what changed.
 * Derived data: delete the file and it is made again. It holds templates, so it is readable by its owner only.
 */
export class ReadingCache {
  readonly #database: Database.Database

  /** Opens or makes the cache in a folder. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#database = new Database(path.join(folder, 'readings.db'))
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS file (
        path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_ms REAL NOT NULL, sha256 TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS reading (
        sha256 TEXT NOT NULL, pack_id TEXT NOT NULL, pipeline_version TEXT NOT NULL, mode TEXT NOT NULL,
        reading TEXT NOT NULL, templates BLOB NOT NULL,
        PRIMARY KEY (sha256, pack_id, pipeline_version, mode)
      ) WITHOUT ROWID;
    `)
  }

  /** The file's SHA-256 if it was seen with this size and time of change. */
  knownHash(file: ListedFile): string | undefined {
    const row = this.#database
      .prepare('SELECT sha256 FROM file WHERE path = ? AND size_bytes = ? AND modified_ms = ?')
      .get(path.resolve(file.path), file.sizeBytes, file.modifiedMs) as { sha256: string } | undefined
    return row?.sha256
  }

  rememberHash(file: ListedFile, sha256: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO file (path, size_bytes, modified_ms, sha256) VALUES (?, ?, ?, ?)')
      .run(path.resolve(file.path), file.sizeBytes, file.modifiedMs, sha256)
  }

  /** What was read of a file with these bytes, or why it could not be, if this version of the readers said so. */
  find(sha256: string, key: ReadingKey): PhotoReading | undefined {
    const row = this.#database
      .prepare(
        'SELECT reading, templates FROM reading WHERE sha256 = ? AND pack_id = ? AND pipeline_version = ? AND mode = ?',
      )
      .get(sha256, key.packId, key.pipelineVersion, key.mode) as
      | { reading: string; templates: Buffer }
      | undefined
    const reading = row === undefined ? undefined : decode(row)
    return reading?.outcome === 'unreadable' && reading.readers !== READERS_VERSION ? undefined : reading
  }

  remember(sha256: string, key: ReadingKey, reading: PhotoReading): void {
    const { json, templates } = encode(reading)
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO reading (sha256, pack_id, pipeline_version, mode, reading, templates) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(sha256, key.packId, key.pipelineVersion, key.mode, json, templates)
  }

  /** Removes everything, and the bytes with it. */
  clear(): void {
    this.#database.exec(
      'PRAGMA secure_delete = ON; DELETE FROM reading; DELETE FROM file; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);',
    )
  }

  close(): void {
    this.#database.close()
  }
}

/** Templates are kept as raw float32 after one another, everything else as JSON. */
function encode(reading: PhotoReading): { json: string; templates: Buffer } {
  if (reading.outcome === 'unreadable')
    return { json: JSON.stringify({ ...reading, readers: READERS_VERSION }), templates: Buffer.alloc(0) }
  const faces = reading.faces.map((face) => ({ ...face, template: undefined }))
  const templates = Buffer.concat(
    reading.faces.map(({ template }) =>
      Buffer.from(new Uint8Array(template.buffer, template.byteOffset, template.byteLength)),
    ),
  )
  return { json: JSON.stringify({ ...reading, faces }), templates }
}

function decode(row: { reading: string; templates: Buffer }): KeptReading {
  const reading = JSON.parse(row.reading) as KeptReading
  if (reading.outcome === 'unreadable' || reading.faces.length === 0) return reading
  // A copy: the row's memory need not be aligned for float32.
  const floats = new Float32Array(Uint8Array.from(row.templates).buffer)
  const length = floats.length / reading.faces.length
  const faces = reading.faces.map((face, i) => ({
    ...face,
    template: floats.slice(i * length, (i + 1) * length),
  }))
  return { ...reading, faces }
}

import { sign, verify, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { checkpointSchema } from '../contract/anchor-message.ts'
import type { AuditCheckpointTable } from '../store/tables/audit-tables.ts'
import type { AuditFault } from './audit-fault.ts'
import type { LastSigned } from './last-signed.ts'
import type { SigningKey } from './signing-key.ts'
import type { ChainPlace } from './walk-chain.ts'

/**
 * [Note: checkpoints]
 * A checkpoint says, signed: at this time the log had so many events and its chain stood at this hash. Checkpoints stand
 * in the database and, one JSON line each, in audit-checkpoints.jsonl, and are given away by themselves to places that
 * nobody of this machine can write (see [Note: anchors]). The log can then not be changed or cut without one of them no longer fitting.
 */
export function checkpointFile(dataFolder: string): string {
  return path.join(dataFolder, 'audit-checkpoints.jsonl')
}

/** Checkpoints in a file of JSON lines; a last line that was cut off is passed over. */
export function readCheckpoints(file: string): AuditCheckpointTable[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => checkpointSchema.parse(JSON.parse(line)))
}

/** Whether a checkpoint was signed by this key. */
export function signatureHolds(checkpoint: AuditCheckpointTable, publicKey: KeyObject): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64')
  // Decoding passes over what is not base64.
  if (signature.toString('base64') !== checkpoint.signature) return false
  return verify(null, signedBytes(checkpoint), publicKey, signature)
}

/** A checkpoint of the log as it stands at a place. @param at ISO time */
export function makeCheckpoint(
  { seq, chain_hash }: ChainPlace,
  at: string,
  key: SigningKey,
): AuditCheckpointTable {
  const unsigned = { seq, chain_hash, at, key_id: key.id }
  return { ...unsigned, signature: sign(null, signedBytes(unsigned), key.privateKey).toString('base64') }
}

/**
 * Checkpoints that are missing in the record or in its file. A process that is killed between the two leaves the last one
 * in the record alone, and what the key signed last is kept after both: what is newer than that is not missed, nor what is
 * older than the operator's last resuming.
 */
export function checkpointGaps(
  stored: readonly AuditCheckpointTable[],
  filed: readonly AuditCheckpointTable[],
  lastSigned: LastSigned | undefined,
): AuditFault[] {
  const inRecord = new Set(stored.map(({ seq }) => seq))
  const inFile = new Set(filed.map(({ seq }) => seq))
  const newest = Math.max(0, ...inRecord, ...inFile)
  const isSettled = (seq: number): boolean =>
    lastSigned === undefined ? seq < newest : seq <= lastSigned.seq
  const last = lastSigned === undefined ? [] : [lastSigned.seq]
  const all = [...new Set([...inRecord, ...inFile, ...last])]
  return all
    .filter((seq) => isSettled(seq) && !(inRecord.has(seq) && inFile.has(seq)))
    .toSorted((a, b) => a - b)
    .map((seq) => ({ seq, kind: 'unsigned', detail: gapSentence(seq, inRecord.has(seq), inFile.has(seq)) }))
}

function gapSentence(seq: number, inRecord: boolean, inFile: boolean): string {
  const where = inRecord
    ? 'audit-checkpoints.jsonl'
    : inFile
      ? 'the record'
      : 'the record and audit-checkpoints.jsonl'
  return `The checkpoint of event ${seq} is missing from ${where}.`
}

function signedBytes({ seq, chain_hash, at, key_id }: Omit<AuditCheckpointTable, 'signature'>): Buffer {
  return Buffer.from(`likeness audit checkpoint\n${seq}\n${chain_hash}\n${at}\n${key_id}`)
}

/** Adds checkpoints to the file, durably. */
export function fileCheckpoints(file: string, checkpoints: readonly AuditCheckpointTable[]): void {
  const lines = checkpoints.map((checkpoint) => `${JSON.stringify(checkpoint)}\n`).join('')
  const descriptor = openSync(file, 'a', 0o600)
  try {
    writeSync(descriptor, lines)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

import { createPublicKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { actor, storeWithCollection } from '../../test/support/enrolled-record.ts'
import { CHAIN_START, chainHash, type ChainedEvent } from '../store/audit-chain.ts'
import { withDigest } from '../store/row-digest.ts'
import type { Store } from '../store/store.ts'
import { recordEvent } from './append-event.ts'
import { checkpointFile, readCheckpoints, signatureHolds, writeCheckpoint } from './checkpoints.ts'
import { exportLog } from './read-log.ts'
import { openSigningKey, signingKeyFile, type SigningKey } from './signing-key.ts'
import { verifyLog, type AuditFault } from './verify-log.ts'

/** A log of 30 events, signed after 20. The collection's own creation is event 1. */
async function signedLog(): Promise<{ store: Store; key: SigningKey }> {
  const store = await storeWithCollection()
  const key = openSigningKey(signingKeyFile(store.dataFolder))
  for (let number = 2; number <= 30; number++) {
    await recordEvent(store.db, actor, {
      action: 'test.act',
      agencyId: undefined,
      subject: `thing ${number}`,
      details: { number },
    })
    if (number === 20) await writeCheckpoint({ store }, key)
  }
  return { store, key }
}

/** Does what somebody with the database file could do. */
async function tamper(store: Store, ...statements: string[]): Promise<void> {
  for (const name of ['audit_event_fixed', 'audit_event_kept'])
    await sql.raw(`drop trigger ${name}`).execute(store.db)
  for (const statement of statements) await sql.raw(statement).execute(store.db)
}

async function faults({ store, key }: { store: Store; key: SigningKey }): Promise<AuditFault[]> {
  return (await verifyLog({ store }, actor, { publicKey: key.publicKey })).faults
}

describe('the audit log', () => {
  test('verifies when nobody touched it', async () => {
    const { store, key } = await signedLog()
    const result = await verifyLog({ store }, actor, { publicKey: key.publicKey })
    expect(result).toMatchObject({ events: 30, checkpoints: 1, signedUpTo: 20, faults: [] })
  })

  test('cannot be changed or shortened through the database', async () => {
    const { store } = await signedLog()
    await expect(store.db.updateTable('audit_event').set({ actor: 'x' }).execute()).rejects.toThrow(
      'never change',
    )
    await expect(store.db.deleteFrom('audit_event').execute()).rejects.toThrow('never deleted')
  })

  test.each([
    ['changed', "update audit_event set details = '{}' where seq = 7", 'changed', 7],
    ['changed address', "update audit_event set address = '1.1.1.1' where seq = 7", 'changed', 7],
    ['removed', 'delete from audit_event where seq = 7', 'removed', 7],
    ['first removed', 'delete from audit_event where seq = 1', 'removed', 1],
    ['cut off below the checkpoint', 'delete from audit_event where seq > 15', 'truncated', 20],
  ])('names an event that was %s', async (_what, statement, kind, seq) => {
    const log = await signedLog()
    await tamper(log.store, statement)
    expect((await faults(log))[0]).toMatchObject({ kind, seq })
  })

  test('names events that changed places', async () => {
    const log = await signedLog()
    await tamper(
      log.store,
      'update audit_event set seq = -5 where seq = 5',
      'update audit_event set seq = 5 where seq = 6',
      'update audit_event set seq = 6 where seq = -5',
    )
    expect((await faults(log)).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(
      expect.arrayContaining(['changed 5', 'changed 6']),
    )
  })

  test('finds a log that was written anew from some event on, all hashes and digests right', async () => {
    const log = await signedLog()
    const { store } = log
    const rows = await store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute()
    await tamper(store, 'delete from audit_event where seq >= 10')
    let chain = rows[8].chain_hash
    for (const { digest: _digest, ...row } of rows.slice(9)) {
      const forged = { ...row, actor: 'somebody else' }
      chain = chainHash(chain, forged)
      await store.db
        .insertInto('audit_event')
        .values(withDigest('audit_event', { ...forged, chain_hash: chain }))
        .execute()
    }
    expect(await faults(log)).toMatchObject([{ kind: 'checkpoint', seq: 20 }])
  })

  test('is not fooled when the checkpoints are forged as well', async () => {
    const log = await signedLog()
    await tamper(log.store, "update audit_checkpoint set signature = 'AAAA'")
    expect(await faults(log)).toMatchObject([{ kind: 'signature', seq: 20 }])
  })

  test('a shortened log is found by checkpoints that were kept elsewhere', async () => {
    const { store, key } = await signedLog()
    const kept = readCheckpoints(checkpointFile(store.dataFolder))
    await tamper(store, 'delete from audit_event where seq > 15', 'delete from audit_checkpoint')
    writeFileSync(checkpointFile(store.dataFolder), '')
    const input = { publicKey: key.publicKey }
    expect((await verifyLog({ store }, actor, input)).faults).toEqual([])
    // Verifying has itself written event 16: the log no longer ends where it was cut.
    expect((await verifyLog({ store }, actor, { ...input, further: kept })).faults).toMatchObject([
      { kind: 'truncated', seq: 20 },
    ])
    expect(await writeCheckpoint({ store }, key)).toBeDefined()
  })

  test('exports what anybody can check with the public key alone', async () => {
    const { store, key } = await signedLog()
    const lines: Record<string, unknown>[] = []
    for await (const line of exportLog({ store }, actor, { key, action: 'test.' })) {
      lines.push(JSON.parse(line) as Record<string, unknown>)
    }
    const [{ publicKey }] = lines
    const links = lines.filter(({ kind }) => kind === 'event' || kind === 'withheld')
    const events = links.flatMap((line, at) => {
      const { kind, ...event } = line
      if (kind === 'withheld') return []
      const previous = at === 0 ? CHAIN_START : String(links[at - 1]['chain_hash'])
      return [
        { written: event['chain_hash'], computed: chainHash(previous, event as unknown as ChainedEvent) },
      ]
    })
    expect(links).toHaveLength(31)
    expect(events).toHaveLength(29)
    for (const { written, computed } of events) expect(computed).toBe(written)
    const checkpoints = lines.filter(({ kind }) => kind === 'checkpoint')
    expect(checkpoints).toHaveLength(1)
    expect(signatureHolds(checkpoints[0] as never, createPublicKey(publicKey as string))).toBe(true)
    expect(readFileSync(signingKeyFile(store.dataFolder), 'utf8')).not.toContain(publicKey)
  })
})

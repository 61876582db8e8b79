import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { actor, storeWithCollection } from '../../test/support/enrolled-record.ts'
import { rewriteFrom, tamper } from '../../test/support/forge-log.ts'
import { CHAIN_START, chainHash, type ChainedEvent } from '../store/audit-chain.ts'
import type { Store } from '../store/store.ts'
import { recordEvent } from './append-event.ts'
import { checkpointFile, readCheckpoints, signatureHolds } from './checkpoints.ts'
import { resumeLog, signLog } from './sign-log.ts'
import { readLastSigned } from './last-signed.ts'
import { exportLog } from './read-log.ts'
import { openInstanceKey, openSigningKey, signingKeyFile, type SigningKey } from './signing-key.ts'
import type { AuditFault } from './audit-fault.ts'
import { verifyLog } from './verify-log.ts'

/** A log of 30 events, signed after 20. The collection's own creation is event 1. */
async function signedLog(): Promise<{ store: Store; key: SigningKey }> {
  const store = await storeWithCollection()
  const key = openInstanceKey(store.dataFolder, undefined)
  for (let number = 2; number <= 30; number++) {
    await recordEvent(store.db, actor, {
      action: 'test.act',
      agencyId: undefined,
      subject: `thing ${number}`,
      details: { number },
    })
    if (number === 20) await signLog({ store }, key)
  }
  return { store, key }
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
    await rewriteFrom(log.store, 10)
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
    await expect(signLog({ store }, key)).rejects.toMatchObject({ code: 'corrupt_record' })
  })

  test('a forgery without the key is named by what stands beside the key, and not signed', async () => {
    const log = await signedLog()
    const { store, key } = log
    await rewriteFrom(store, 10)
    await sql.raw('delete from audit_checkpoint').execute(store.db)
    writeFileSync(checkpointFile(store.dataFolder), '')
    const lastSigned = readLastSigned(key)
    const { faults } = await verifyLog({ store }, actor, { publicKey: key.publicKey, lastSigned })
    expect(faults.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['checkpoint 20', 'unsigned 20'])
    await expect(signLog({ store }, key)).rejects.toThrow(
      'The audit log is not signed: The checkpoint of event 20',
    )
    expect(readLastSigned(key)).toEqual(lastSigned)
  })

  test.each([
    ['the file', 'audit-checkpoints.jsonl', async (_store: Store, file: string) => writeFileSync(file, '')],
    [
      'the record',
      'the record',
      async (store: Store) => sql.raw('delete from audit_checkpoint where seq = 20').execute(store.db),
    ],
  ])('a checkpoint that is missing from %s is a fault by name', async (_what, named, remove) => {
    const { store, key } = await signedLog()
    await signLog({ store }, key)
    await remove(store, checkpointFile(store.dataFolder))
    const input = { publicKey: key.publicKey, lastSigned: readLastSigned(key) }
    const { faults } = await verifyLog({ store }, actor, input)
    expect(faults[0]).toMatchObject({ kind: 'unsigned', seq: 20 })
    expect(faults[0].detail).toContain(`missing from ${named}`)
  })

  test('a log that was written anew after the last signature is signed only when it follows from it', async () => {
    const { store, key } = await signedLog()
    await tamper(store, "update audit_event set details = '{}' where seq = 25")
    await expect(signLog({ store }, key)).rejects.toThrow('Event 25 (test.act')
  })

  test('goes on after a backup was restored once the operator says why, and the gap stays to be seen', async () => {
    const { store, key } = await signedLog()
    const kept = await signLog({ store }, key)
    expect(kept).toMatchObject({ seq: 30 })
    // As the backup of an hour ago: everything of the data folder, but not what stands beside the key.
    await tamper(store, 'delete from audit_event where seq > 15', 'delete from audit_checkpoint')
    writeFileSync(checkpointFile(store.dataFolder), '')
    await expect(signLog({ store }, key)).rejects.toThrow('checkpoint of event 30 is missing')
    await resumeLog({ store }, actor, { key, reason: 'Disk failed, backup of 9:00' })
    await recordEvent(store.db, actor, {
      action: 'test.act',
      agencyId: undefined,
      subject: 'x',
      details: undefined,
    })
    expect(await signLog({ store }, key)).toMatchObject({ seq: 17 })
    const input = { publicKey: key.publicKey, lastSigned: readLastSigned(key) }
    expect((await verifyLog({ store }, actor, input)).faults).toEqual([])
    const event = await store.db
      .selectFrom('audit_event')
      .selectAll()
      .where('seq', '=', 16)
      .executeTakeFirstOrThrow()
    expect(event.action).toBe('audit.resume')
    expect(event.details).toContain('backup of 9:00')
    const further = [kept!]
    expect((await verifyLog({ store }, actor, { ...input, further })).faults).toMatchObject([
      { kind: 'truncated', seq: 30 },
    ])
  })

  test('is signed by a key outside the data folder, where an older one is moved to', async () => {
    const store = await storeWithCollection()
    const inData = path.join(store.dataFolder, 'audit-signing-key.pem')
    const before = openSigningKey(inData)
    const key = openInstanceKey(store.dataFolder, undefined)
    expect(key.id).toBe(before.id)
    expect(existsSync(inData)).toBe(false)
    expect(path.relative(store.dataFolder, key.file)).toMatch(/^\.\./)
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

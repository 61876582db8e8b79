import { sql } from 'kysely'
import { chainHash } from '../../src/store/audit-chain.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'

/** Does what somebody with the database file could do. */
export async function tamper(store: Store, ...statements: string[]): Promise<void> {
  for (const name of ['audit_event_fixed', 'audit_event_kept'])
    await sql.raw(`drop trigger ${name}`).execute(store.db)
  for (const statement of statements) await sql.raw(statement).execute(store.db)
}

/** Writes the log anew from some event on, all hashes and digests right, as somebody would who has read our source. */
export async function rewriteFrom(store: Store, first: number): Promise<void> {
  const rows = await store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute()
  await tamper(store, `delete from audit_event where seq >= ${first}`)
  let chain = rows[first - 2].chain_hash
  for (const { digest: _digest, ...row } of rows.slice(first - 1)) {
    const forged = { ...row, actor: 'somebody else' }
    chain = chainHash(chain, forged)
    await store.db
      .insertInto('audit_event')
      .values(withDigest('audit_event', { ...forged, chain_hash: chain }))
      .execute()
  }
}

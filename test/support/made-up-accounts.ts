import type { AccountActor } from '../../src/actor/actor.ts'
import { permissionsOf, type Role } from '../../src/contract/roles.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'
import { writeByHand } from './write-by-hand.ts'

/** An account of an agency, written past invitations and sign-in, as the actor of one request. */
export async function madeUpAccount(
  store: Store,
  agencyId: string,
  name: string,
  roles: readonly Role[],
): Promise<AccountActor> {
  const accountId = newId()
  await writeByHand(store, async (tx) => {
    const account = withDigest('account', {
      id: accountId,
      agency_id: agencyId,
      email: `${accountId}@made-up.example`,
      name,
      created_at: nowIso(),
      created_by: 'test',
    })
    await tx.insertInto('account').values(account).execute()
    for (const role of roles) {
      const membership = {
        id: newId(),
        account_id: accountId,
        role,
        granted_by: 'test',
        granted_at: nowIso(),
      }
      await tx.insertInto('membership').values(withDigest('membership', membership)).execute()
    }
  })
  return {
    kind: 'account',
    name,
    accountId,
    agencyId,
    roles,
    permissions: new Set(permissionsOf(roles)),
    via: { kind: 'session', id: newId(), deviceId: undefined, assurance: 'totp', isDeviceOpen: true },
    requestId: newId(),
    address: '127.0.0.1',
  }
}

/** The agency of the first collection. */
export async function agencyOfRecord(store: Store): Promise<string> {
  return (await store.db.selectFrom('agency').select('id').executeTakeFirstOrThrow()).id
}

/** Another agency. */
export async function madeUpAgency(store: Store, name: string): Promise<string> {
  const row = withDigest('agency', { id: newId(), name, created_at: nowIso(), approves_devices: null })
  await writeByHand(store, (tx) => tx.insertInto('agency').values(row).execute())
  return row.id
}

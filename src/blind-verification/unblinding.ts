import type { AccountActor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { askVerification, cancelVerification } from './open-verification.ts'
import type { LineupPrintTable, UnblindingTable } from '../store/tables/blind-tables.ts'
import type { VerificationTable } from '../store/tables/examination-tables.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { looksAlike } from './seen-before.ts'

/** A line-up's picture that was recognised: which one, by what. */
type Recognised = Pick<UnblindingTable, 'position' | 'means'>

/** Keeps what a picture of a line-up looks like as it is given out. */
export async function keepLineupPrint(db: Db, print: LineupPrintTable): Promise<void> {
  await db
    .insertInto('lineup_print')
    .values(print)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/**
 * Recognises pictures of line-ups that are open, when they come back to be compared: given out by the line-up, by anybody;
 * those and the originals, by the verifier, by an account that has used a browser of theirs, or by one of the same name.
 * Such a line-up is void at once: it waits again, for another verifier, and what happened stands beside it for good.
 * What is recognised, and what is not: docs/decisions/blind-verification.md.
 * @param operation the endpoint's name
 * @param sha256s of the files brought
 * @param prints perceptual hashes of the pictures brought, whole, and of each face in them in the frame of line-ups; asked for only
 *   where there is a line-up that they may belong to
 * @returns whether a line-up of the actor's own is void now
 */
export async function noteReturns(
  { db, lookups }: Pick<Store, 'db' | 'lookups'>,
  actor: AccountActor,
  operation: string,
  sha256s: readonly string[],
  prints: () => Promise<readonly string[]>,
): Promise<boolean> {
  const open = await lookups
    .selectFrom('verification')
    .select(['id', 'account_id', 'verifier'])
    .where('state', '=', 'taken')
    .execute()
  if (open.length === 0) return false
  const holders = await tiedHolders(db, actor, open)
  const served = await db
    .selectFrom('lineup_print')
    .select('verification_id')
    .where('sha256', 'in', sha256s)
    .execute()
  const concerned = open.filter(
    ({ id }) => holders.has(id) || served.some(({ verification_id: other }) => other === id),
  )
  if (concerned.length === 0) return false
  const brought = { sha256s, prints: await prints() }
  let isOwn = false
  for (const { id, account_id: holder } of concerned) {
    const relation = holders.get(id) ?? 'other'
    const done = await db
      .transaction()
      .execute((tx) => voidLineup(tx, actor, id, relation, operation, brought))
    isOwn ||= done && holder === actor.accountId
  }
  return isOwn
}

async function voidLineup(
  tx: Tx,
  actor: AccountActor,
  id: string,
  relation: UnblindingTable['relation'],
  operation: string,
  brought: { sha256s: readonly string[]; prints: readonly string[] },
): Promise<boolean> {
  const row = await tx
    .selectFrom('verification')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'taken')
    .executeTakeFirst()
  if (row === undefined) return false
  const verification = checkedRow('verification', row, id)
  const recognised = await recognise(tx, verification, brought, relation !== 'other')
  if (recognised === undefined) return false
  await tx
    .insertInto('unblinding')
    .values(
      withDigest('unblinding', {
        id: newId(),
        verification_id: id,
        identification_id: verification.identification_id,
        agency_id: verification.agency_id,
        account_id: actor.accountId,
        account: actor.name,
        relation,
        ...recognised,
        operation,
        at: nowIso(),
      }),
    )
    .execute()
  await appendAuditEvent(tx, actor, {
    action: 'lineup.unblind',
    agencyId: verification.agency_id,
    subject: `verification ${id}`,
    caseId: verification.case_id,
    details: { relation, operation, means: recognised.means, position: recognised.position },
  })
  await cancelVerification(
    tx,
    actor,
    verification,
    'A picture of the line-up came back to be compared while it was open.',
  )
  const identification = await tx
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', verification.identification_id)
    .executeTakeFirstOrThrow()
  await askVerification(
    tx,
    actor,
    checkedRow('identification', identification, identification.id),
    verification.round,
  )
  return true
}

/** Which picture of a line-up is among those brought. */
async function recognise(
  db: Db,
  verification: VerificationTable,
  { sha256s, prints }: { sha256s: readonly string[]; prints: readonly string[] },
  isTied: boolean,
): Promise<Recognised | undefined> {
  const served = await db
    .selectFrom('lineup_print')
    .selectAll()
    .where('verification_id', '=', verification.id)
    .orderBy('position')
    .execute()
  const originals = isTied ? await originalsOf(db, verification) : []
  const known = [...served, ...originals]
  const same = known.find(({ sha256 }) => sha256s.includes(sha256))
  if (same !== undefined) return { position: same.position, means: 'sha256' }
  if (!isTied) return undefined
  const alike = known.find(
    ({ perceptual_hash: print }) => print !== null && prints.some((other) => looksAlike(print, other)),
  )
  return alike && { position: alike.position, means: 'perceptual_hash' }
}

/** The probe's photo and those of the compared faces, whole, with the place in the line-up. */
async function originalsOf(
  db: Db,
  { id }: VerificationTable,
): Promise<{ sha256: string; perceptual_hash: string | null; position: number }[]> {
  const probe = await db
    .selectFrom('verification')
    .innerJoin('identification', 'identification.id', 'verification.identification_id')
    .innerJoin('probe_face', 'probe_face.id', 'identification.probe_face_id')
    .leftJoin('probe_print', 'probe_print.probe_id', 'probe_face.probe_id')
    .select(['identification.probe_sha256 as sha256', 'probe_print.perceptual_hash'])
    .where('verification.id', '=', id)
    .execute()
  const compared = await db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .innerJoin('media', 'media.id', 'examination_item.media_id')
    .select(['media.sha256', 'media.perceptual_hash', 'examination_item.position'])
    .where('examination.verification_id', '=', id)
    .orderBy('position')
    .execute()
  return [...probe.map((picture) => ({ ...picture, position: 0 })), ...compared]
}

/** Open line-ups whose verifier is the actor, shares a browser with them, or has their name. */
async function tiedHolders(
  db: Db,
  { accountId, name }: AccountActor,
  open: readonly { id: string; account_id: string | null; verifier: string | null }[],
): Promise<Map<string, Exclude<UnblindingTable['relation'], 'other'>>> {
  const shared = await db
    .selectFrom('device as own')
    .innerJoin('device as theirs', 'theirs.token_hash', 'own.token_hash')
    .select('theirs.account_id')
    .where('own.account_id', '=', accountId)
    .where(
      'theirs.account_id',
      'in',
      open.flatMap(({ account_id: holder }) => holder ?? []),
    )
    .execute()
  const devices = new Set(shared.map(({ account_id: holder }) => holder))
  const tied = new Map<string, Exclude<UnblindingTable['relation'], 'other'>>()
  for (const { id, account_id: holder, verifier } of open) {
    if (holder === accountId) tied.set(id, 'account')
    else if (holder !== null && devices.has(holder)) tied.set(id, 'device')
    else if (verifier !== null && spelled(verifier) === spelled(name)) tied.set(id, 'person')
  }
  return tied
}

/** A name without what differs only in writing. */
function spelled(written: string): string {
  return written.normalize('NFKC').trim().toLowerCase()
}

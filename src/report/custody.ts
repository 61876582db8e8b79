import type { AccountActor } from '../actor/actor.ts'
import { agencyOf } from '../actor/policy.ts'
import type { SigningKey } from '../audit/signing-key.ts'
import { capturesOf } from '../media/describe-captures.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Standing } from '../identification/standing.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { eventsAbout } from './audit-excerpt.ts'

/**
 * Who took the material in, from where, and to whom it went: JSON lines in the order of time. Imports into collections that
 * the actor may not see now are left out.
 */
export async function custodyEvents(db: Db, actor: AccountActor, row: IdentificationTable): Promise<string> {
  const open = await searchableCollections(db, agencyOf(actor), undefined)
  const probe = await db
    .selectFrom('probe')
    .innerJoin('probe_face', 'probe_face.probe_id', 'probe.id')
    .select(['probe.sha256', 'probe.added_at', 'probe.added_by', 'probe.label'])
    .where('probe_face.id', '=', row.probe_face_id)
    .executeTakeFirstOrThrow()
  const sources = await db
    .selectFrom('source')
    .innerJoin('collection', 'collection.id', 'source.collection_id')
    .innerJoin('import', 'import.id', 'source.import_id')
    .innerJoin('media', 'media.id', 'source.media_id')
    .selectAll('source')
    .select(['collection.title', 'collection.lawful_basis', 'import.started_by', 'media.sha256'])
    .where('source.media_id', '=', row.media_id)
    .where('collection.agency_id', '=', row.agency_id)
    .where(
      'collection.id',
      'in',
      open.map(({ id }) => id),
    )
    .orderBy('source.id')
    .execute()
  const archives = await archivesBySource(
    db,
    sources.map(({ id }) => id),
  )
  const transmittals = await db
    .selectFrom('transmittal')
    .selectAll()
    .where('identification_id', '=', row.id)
    .orderBy('id')
    .execute()
  const events = [
    {
      at: probe.added_at,
      event: 'taken in as probe',
      by: probe.added_by,
      sha256: probe.sha256,
      label: probe.label,
    },
    ...sources.map((source) => ({
      at: source.imported_at,
      event: 'imported',
      by: source.started_by,
      sha256: source.sha256,
      name: source.name,
      sourceUrl: source.source_url,
      collector: source.collector,
      capturedAt: source.captured_at,
      licence: source.licence,
      ...(archives.get(source.id) === undefined ? {} : { archive: archives.get(source.id) }),
      collection: source.title,
      lawfulBasis: source.lawful_basis,
    })),
    ...transmittals.flatMap((transmittal) => {
      const { id, sent_at, sent_by, recipient_kind, recipient, received_at, received_by } = transmittal
      const sent = {
        at: sent_at,
        event: 'transmitted',
        by: sent_by,
        transmittal: id,
        recipient_kind,
        recipient,
      }
      return received_at === null
        ? [sent]
        : [sent, { at: received_at, event: 'received', by: received_by, transmittal: id }]
    }),
  ]
  return lines(events.toSorted((a, b) => (a.at < b.at ? -1 : 1)))
}

/** The archive that each source came from, by name and hash, and what checking it came to. */
async function archivesBySource(db: Db, sourceIds: readonly string[]): Promise<Map<string, object>> {
  const captures = await capturesOf(db, sourceIds)
  return new Map(
    [...captures].map(([id, { tool, digest, archive }]) => [
      id,
      {
        tool,
        digest: digest.verdict,
        ...(archive === undefined
          ? {}
          : {
              name: archive.name,
              sha256: archive.sha256,
              package: archive.packageVerdict,
              signature: archive.signatureVerdict,
            }),
      },
    ]),
  )
}

/**
 * Events of the audit log about it with all their columns, the hash of the event before each (so that each hash can be
 * computed again), the signed checkpoints after them, and the public key.
 */
export async function auditProof(db: Db, standing: Standing, key: SigningKey): Promise<string> {
  const rows = await eventsAbout(db, standing).execute()
  const before = await db
    .selectFrom('audit_event')
    .select(['seq', 'chain_hash'])
    .where(
      'seq',
      'in',
      rows.map(({ seq }) => seq - 1),
    )
    .execute()
  const previous = new Map(before.map(({ seq, chain_hash }) => [seq, chain_hash]))
  const checkpoints = await db
    .selectFrom('audit_checkpoint')
    .selectAll()
    .where('seq', '>=', rows[0]?.seq ?? 0)
    .orderBy('seq')
    .execute()
  const publicKey = key.publicKey.export({ type: 'spki', format: 'pem' })
  return lines([
    { kind: 'key', id: key.id, publicKey },
    ...rows.map((row) => {
      const { digest: _digest, ...event } = checkedRow('audit_event', row, String(row.seq))
      return { kind: 'event', previousHash: previous.get(event.seq - 1) ?? null, ...event }
    }),
    ...checkpoints.map((checkpoint) => ({ kind: 'checkpoint', ...checkpoint })),
  ])
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import { findCollection } from '../collections/find-collection.ts'
import { LIST_ROWS } from './pace.ts'
import { detectSource, openSource } from '../sources/open-source.ts'
import { overlongClaim } from '../sources/overlong-claim.ts'
import { refusedItem, type KeepArchive, type ListedItem } from '../sources/source-item.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import { forgetArchives, keepArchive } from './keep-archive.ts'
import { leaseEnd } from './lease.ts'

/** How often a process looks whether another one has listed the source. */
const LOOK_AGAIN_MS = 200

export interface StartImportInput {
  /** Folder, file, archive or manifest. */
  source: string
  /** Title or id. */
  collection: string
}

/**
 * Begins an import, or finds the unfinished one of the same source and collection to go on with.
 * @throws AppError `bad_input` when the source cannot be read, `not_found` for the collection
 */
export async function startImport(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: StartImportInput,
): Promise<{ id: string; resumed: boolean }> {
  const { db } = ctx.store
  const kind = await detectSource(input.source)
  const location = await realpath(path.resolve(input.source))
  const collection = await findCollection(db, input.collection)
  return db.transaction().execute(async (tx) => {
    const unfinished = await tx
      .selectFrom('import')
      .select('id')
      .where('collection_id', '=', collection.id)
      .where('location', '=', location)
      .where('finished_at', 'is', null)
      .executeTakeFirst()
    if (unfinished !== undefined) return { id: unfinished.id, resumed: true }
    const row: ImportTable = {
      id: newId(),
      collection_id: collection.id,
      source_kind: kind,
      location,
      started_by: actor.name,
      started_at: nowIso(),
      listing_by: null,
      listing_until: null,
      announced: null,
      planned_at: null,
      finished_at: null,
      closed_at: null,
    }
    await tx.insertInto('import').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'import.start',
      agencyId: collection.agency_id,
      subject: `import ${row.id}`,
      details: { collection: collection.id, kind },
    })
    return { id: row.id, resumed: false }
  })
}

/**
 * Lists the source into import items, unless that is done; while another process does, waits for it. Listing that was
 * cut off begins again: until it is complete no item is worked on, so nothing is lost by that.
 */
export async function listItems(
  ctx: Pick<Context, 'store'>,
  importId: string,
  onListed: (items: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { db } = ctx.store
  let row = await claimListing(ctx, importId)
  while (row === 'held') {
    await delay(LOOK_AGAIN_MS, undefined, signal === undefined ? {} : { signal })
    row = await claimListing(ctx, importId)
  }
  if (row === 'listed') return
  await db.deleteFrom('import_item').where('import_id', '=', importId).execute()
  const { id, collection_id: collectionId } = row
  await forgetArchives(ctx, id)
  let batch: ListedItem[] = []
  let ordinal = 0
  const flush = async (): Promise<void> => {
    const first = ordinal - batch.length
    const rows = batch.map((item, index) => itemRow(importId, first + index, item))
    await db.transaction().execute(async (tx) => {
      if (rows.length > 0) await tx.insertInto('import_item').values(rows).execute()
      await tx.updateTable('import').set({ listing_until: leaseEnd() }).where('id', '=', importId).execute()
    })
    batch = []
    onListed(ordinal)
  }
  const keep: KeepArchive = async (facts, records) =>
    void (await keepArchive(ctx, { importId: id, collectionId }, facts, records))
  for await (const item of openSource(row.source_kind, row.location).list(keep)) {
    batch.push(withinLimits(item))
    ordinal += 1
    if (batch.length >= LIST_ROWS) await flush()
  }
  await flush()
  await db
    .updateTable('import')
    .set({ planned_at: nowIso(), listing_by: null, listing_until: null })
    .where('id', '=', importId)
    .execute()
}

/** What archives and tools say beside a file has limits as what manifests say. */
function withinLimits(item: ListedItem): ListedItem {
  const overlong = item.claims === undefined ? undefined : overlongClaim(item.claims)
  return overlong === undefined ? item : refusedItem(item.name, 'field_too_long', overlong)
}

/** Takes the listing of an import for this process, unless it is complete or another process is at it. */
async function claimListing(
  ctx: Pick<Context, 'store'>,
  importId: string,
): Promise<ImportTable | 'listed' | 'held'> {
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('import').selectAll().where('id', '=', importId).executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', `There is no import ${importId}.`)
    if (row.planned_at !== null) return 'listed'
    const held = row.listing_until !== null && row.listing_until > nowIso() && row.listing_by !== LEASEHOLDER
    if (held && !isDead(row.listing_by ?? '')) return 'held'
    await tx
      .updateTable('import')
      .set({ listing_by: LEASEHOLDER, listing_until: leaseEnd() })
      .where('id', '=', importId)
      .execute()
    return row
  })
}

export function itemRow(importId: string, ordinal: number, { name, claims, refusal }: ListedItem) {
  return {
    import_id: importId,
    ordinal,
    name,
    claims: claims === undefined || Object.keys(claims).length === 0 ? null : JSON.stringify(claims),
    state: refusal === undefined ? ('waiting' as const) : ('unreadable' as const),
    reason: refusal?.reason ?? null,
    detail: refusal?.detail ?? null,
    finished_at: refusal === undefined ? null : nowIso(),
    attempts: 0,
    media_id: null,
    leased_by: null,
    leased_until: null,
  }
}

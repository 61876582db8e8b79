import type { Actor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { CollectionTable, Sensitivity } from '../store/tables/collection-tables.ts'
import { isDay } from '../contract/dates.ts'

export const MAX_TITLE_LENGTH = 200
const MAX_BASIS_LENGTH = 2000

export interface CreateCollectionInput {
  title: string
  /** Under what law or agreement the media are held, in words; required. */
  lawfulBasis: string
  /** For the operator of the machine: name of the agency that owns it; made when it does not exist. */
  agency: string
  sensitivity: Sensitivity
  /** YYYY-MM-DD, or undefined for no date. */
  retentionUntil: string | undefined
}

/** Opens a collection. @throws AppError `bad_input`, `conflict` when the agency has one of that title */
export async function createCollection(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: CreateCollectionInput,
): Promise<CollectionTable> {
  authorize(actor, 'collection.change')
  const title = input.title.trim()
  const lawfulBasis = input.lawfulBasis.trim()
  if (title === '' || title.length > MAX_TITLE_LENGTH) {
    throw new AppError(
      'bad_input',
      `Expected a title of 1 to ${MAX_TITLE_LENGTH} characters, received ${title.length}.`,
    )
  }
  if (lawfulBasis === '' || lawfulBasis.length > MAX_BASIS_LENGTH) {
    throw new AppError(
      'bad_input',
      `Expected a lawful basis of 1 to ${MAX_BASIS_LENGTH} characters, received ${lawfulBasis.length}. Nothing is held without one.`,
    )
  }
  if (input.retentionUntil !== undefined && !isDay(input.retentionUntil)) {
    throw new AppError(
      'bad_input',
      `Expected the retention date as YYYY-MM-DD, received '${input.retentionUntil}'.`,
    )
  }
  return ctx.store.db.transaction().execute(async (tx) => {
    const agencyId = actor.kind === 'account' ? agencyOf(actor) : await ensureAgency(tx, input.agency.trim())
    const taken = await tx
      .selectFrom('collection')
      .select('id')
      .where('agency_id', '=', agencyId)
      .where('title', '=', title)
      .executeTakeFirst()
    if (taken !== undefined)
      throw new AppError('conflict', `The agency already has a collection called '${title}'.`)
    const row = withDigest('collection', {
      id: newId(),
      agency_id: agencyId,
      title,
      lawful_basis: lawfulBasis,
      sensitivity: input.sensitivity,
      retention_until: input.retentionUntil ?? null,
      created_at: nowIso(),
      created_by: actor.name,
    })
    await tx.insertInto('collection').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'collection.create',
      agencyId,
      subject: `collection ${row.id}`,
      details: { sensitivity: row.sensitivity, retentionUntil: row.retention_until },
    })
    return row
  })
}

async function ensureAgency(tx: Tx, name: string): Promise<string> {
  if (name === '')
    throw new AppError('bad_input', 'Expected the name of the agency that owns the collection.')
  const known = await tx.selectFrom('agency').select('id').where('name', '=', name).executeTakeFirst()
  if (known !== undefined) return known.id
  const row = withDigest('agency', { id: newId(), name, created_at: nowIso() })
  await tx.insertInto('agency').values(row).execute()
  return row.id
}

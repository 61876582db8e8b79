import { appendAuditEvent, recordEvent, type AuditEvent } from '../audit/append-event.ts'
import type { Permission } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { AccountActor } from '../actor/actor.ts'
import type { KeyFacts } from './authentication.ts'
import type { AccessContext } from './service-context.ts'
import { announceCutOff } from './suspensions.ts'

const DAY_SECONDS = 24 * 60 * 60

export interface ApiKeySummary {
  id: string
  name: string | null
  /** First characters, to tell keys apart. */
  start: string | null
  scopes: Permission[]
  caseId: string | undefined
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}

/**
 * Makes a key for programs that act for the account. It can do no more than its scopes, never more than the account,
 * and ends on its day.
 * @returns the key itself too, which is shown this once
 */
export async function createApiKey(
  ctx: AccessContext,
  actor: AccountActor,
  input: { name: string; scopes: readonly Permission[]; caseId: string | undefined; days: number },
): Promise<ApiKeySummary & { key: string }> {
  requireSession(actor)
  const beyond = input.scopes.find((scope) => !actor.permissions.has(scope))
  if (beyond !== undefined)
    throw new AppError('not_allowed', `Your account may not do this itself (${beyond}).`)
  const metadata: KeyFacts = { scopes: [...input.scopes], caseId: input.caseId }
  const { id, key } = await ctx.auth.api.createApiKey({
    body: { name: input.name, userId: actor.accountId, expiresIn: input.days * DAY_SECONDS, metadata },
  })
  await record(ctx, actor, 'api_key.create', id)
  const summary = (await listApiKeys(ctx, actor)).find((row) => row.id === id)!
  return { ...summary, key }
}

/** Keys of the own account. */
export async function listApiKeys(ctx: AccessContext, actor: AccountActor): Promise<ApiKeySummary[]> {
  const rows = await ctx.store.db
    .selectFrom('login_api_key')
    .select(['id', 'name', 'start', 'metadata', 'createdAt', 'lastRequest', 'expiresAt'])
    .where('referenceId', '=', actor.accountId)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ metadata, lastRequest, ...row }) => ({
    ...row,
    lastUsedAt: lastRequest,
    ...(JSON.parse(metadata!) as KeyFacts),
  }))
}

/** Ends a key for good. @throws AppError `not_found` */
export async function deleteApiKey(ctx: AccessContext, actor: AccountActor, id: string): Promise<void> {
  requireSession(actor)
  await ctx.store.db.transaction().execute(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('login_api_key')
      .where('id', '=', id)
      .where('referenceId', '=', actor.accountId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found', 'There is no such key.')
    await announceCutOff(tx, { kind: 'api_key', id })
    await appendAuditEvent(tx, actor, keyEvent(actor, 'api_key.delete', id))
  })
}

function requireSession(actor: AccountActor): void {
  if (actor.via.kind === 'api_key')
    throw new AppError('not_allowed', 'An API key cannot make or remove keys.')
}

async function record(ctx: AccessContext, actor: AccountActor, action: string, id: string): Promise<void> {
  await recordEvent(ctx.store.db, actor, keyEvent(actor, action, id))
}

function keyEvent(actor: AccountActor, action: string, id: string): AuditEvent {
  return { action, agencyId: actor.agencyId, subject: `api_key ${id}`, details: undefined }
}

import type { Permission } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { Actor } from './actor.ts'

/**
 * Refuses whoever may not do it. What an account may see of it is another question, see the scopes of the areas.
 * @throws AppError `not_allowed`
 */
export function authorize(actor: Actor, permission: Permission): void {
  if (actor.kind === 'operator' || actor.permissions.has(permission)) return
  throw new AppError(
    'not_allowed',
    `Your account may not do this (${permission}). Ask an administrator of your agency.`,
  )
}

/** The agency that an account acts for. @throws AppError `not_allowed` for those who act for none */
export function agencyOf(actor: Actor): string {
  if (actor.kind === 'account' && actor.agencyId !== undefined) return actor.agencyId
  throw new AppError('not_allowed', 'This is done for an agency, and you act for none.')
}

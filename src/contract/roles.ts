/** What an account may be, in its agency; `operator` runs the instance and belongs to no agency. */
export const ROLES = [
  'operator',
  'administrator',
  'curator',
  'examiner',
  'supervisor',
  'field_officer',
  'liaison',
  'auditor',
] as const

export type Role = (typeof ROLES)[number]

/** Roles that take effect when a second person has confirmed them. */
export const CONFIRMED_ROLES = [
  'administrator',
  'examiner',
  'supervisor',
  'auditor',
] as const satisfies readonly Role[]

/** Whoever has one of these in an agency can be that second person. */
export const CONFIRMING_ROLES = ['administrator', 'supervisor'] as const satisfies readonly Role[]

export function needsConfirmation(role: Role): boolean {
  return (CONFIRMED_ROLES as readonly Role[]).includes(role)
}

/**
 * Everything that can be allowed, and the roles that are. Nobody else may: a permission that is not here does not exist,
 * and a route without one does not start.
 */
export const PERMISSIONS = {
  'agency.create': ['operator'],
  'agency.list': ['operator'],
  'agency.suspend': ['operator'],
  'account.read': ['operator', 'administrator'],
  'account.invite': ['operator', 'administrator'],
  'account.change': ['administrator'],
  'account.suspend': ['operator', 'administrator'],
  'role.confirm': ['operator', 'administrator', 'supervisor'],
  'directory.read': ['curator', 'examiner', 'supervisor'],
  'collection.read': ['curator', 'examiner', 'supervisor'],
  'collection.browse': ['curator'],
  'collection.import': ['curator'],
  'collection.change': ['curator'],
  'collection.erase': ['curator'],
  'collection.hold': ['supervisor'],
  'case.read': ['examiner', 'supervisor', 'field_officer', 'liaison'],
  'case.create': ['examiner', 'supervisor'],
  'case.change': ['examiner', 'supervisor'],
  'case.hold': ['supervisor'],
  'probe.add': ['examiner', 'supervisor', 'field_officer'],
  'search.run': ['examiner', 'supervisor'],
  'search.read': ['examiner', 'supervisor'],
  'search.mark': ['examiner', 'supervisor'],
  'verification.run': ['examiner', 'supervisor', 'field_officer'],
  'person.read': ['examiner', 'supervisor', 'liaison'],
  'person.change': ['examiner', 'supervisor', 'liaison'],
  'person.merge': ['examiner', 'supervisor'],
  'person.import': ['supervisor', 'liaison'],
  'person.export': ['supervisor', 'liaison'],
  'poster.make': ['supervisor', 'liaison'],
  'contact.read': ['liaison'],
  'contact.change': ['liaison'],
  'enquiry.read': ['liaison'],
  'enquiry.change': ['liaison'],
  'identification.read': ['examiner', 'supervisor', 'liaison'],
  'identification.open': ['examiner', 'supervisor'],
  'identification.sign': ['supervisor'],
  'examination.write': ['examiner'],
  'examination.abandon': ['examiner', 'supervisor'],
  'lineup.examine': ['examiner'],
  'lineup.assign': ['supervisor'],
  'corroboration.change': ['examiner', 'supervisor'],
  'report.read': ['examiner', 'supervisor', 'liaison'],
  'report.make': ['examiner', 'supervisor'],
  'transmittal.read': ['supervisor', 'liaison'],
  'transmittal.make': ['supervisor', 'liaison'],
  'watch.read': ['examiner', 'supervisor', 'liaison'],
  'watch.change': ['examiner', 'supervisor', 'liaison'],
  'alert.read': ['examiner', 'supervisor', 'liaison'],
  'alert.handle': ['examiner', 'supervisor', 'liaison'],
  'webhook.manage': ['administrator'],
  'audit.read': ['auditor'],
  'audit.verify': ['auditor', 'operator'],
  'audit.witness': ['auditor'],
  'statistics.read': ['auditor', 'supervisor'],
  'review.draw': ['supervisor'],
  'review.read': ['supervisor', 'auditor'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof PERMISSIONS

/** What the roles together allow. */
export function permissionsOf(roles: readonly Role[]): Permission[] {
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) =>
    PERMISSIONS[permission].some((role) => roles.includes(role)),
  )
}

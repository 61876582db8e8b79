import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { email, id, idParams, line, role, text, time } from './values.ts'

const tag = 'Agencies and accounts'
const agency = z.object({ id, name: z.string(), createdAt: time, suspended: z.boolean() })
const suspensionKind = z.enum(['agency', 'account', 'device', 'session', 'api_key'])
const suspension = z.object({
  id,
  kind: suspensionKind,
  targetId: z.string(),
  reason: z.string(),
  suspendedBy: z.string(),
  suspendedAt: time,
  liftedBy: z.string().nullable(),
  liftedAt: time.nullable(),
})
const invitation = z.object({
  id,
  agencyId: id.nullable(),
  email: z.string(),
  name: z.string(),
  roles: z.array(role),
  expiresAt: time,
  invitedBy: z.string(),
  invitedAt: time,
})

/** Agencies, accounts, invitations, suspensions. */
export const accountEndpoints = defineEndpoints({
  createAgency: {
    method: 'POST',
    path: '/agencies',
    access: 'agency.create',
    tag,
    summary: 'Make an agency',
    body: z.object({ name: line }),
    reply: agency,
    status: 201,
    idempotent: true,
  },
  listAgencies: {
    method: 'GET',
    path: '/agencies',
    access: 'agency.list',
    tag,
    summary: 'Every agency',
    reply: z.array(agency),
  },
  listAccounts: {
    method: 'GET',
    path: '/accounts',
    access: 'account.read',
    tag,
    summary: 'Accounts of the own agency; for operators, of all',
    reply: z.array(
      z.object({
        id,
        agencyId: id.nullable(),
        agency: z.string().nullable(),
        email: z.string(),
        name: z.string(),
        roles: z.array(role),
        suspended: z.boolean(),
        createdAt: time,
        lastSeenAt: time.nullable(),
      }),
    ),
  },
  changeRoles: {
    method: 'PUT',
    path: '/accounts/:id/roles',
    access: 'account.change',
    tag,
    summary: 'Set the roles of an account; what it has under way ends',
    params: idParams,
    body: z.object({ roles: z.array(role).min(1) }),
  },
  listSessionsOf: {
    method: 'GET',
    path: '/accounts/:id/sessions',
    access: 'account.read',
    tag,
    summary: 'Sessions of an account',
    params: idParams,
    reply: z.array(
      z.object({
        id: z.string(),
        deviceId: id.nullable(),
        device: z.string(),
        signedInAt: time,
        lastUsedAt: time,
        endsAt: time,
        address: z.string().nullable(),
      }),
    ),
  },
  listDevicesOf: {
    method: 'GET',
    path: '/accounts/:id/devices',
    access: 'account.read',
    tag,
    summary: 'Devices that have signed in to an account',
    params: idParams,
    reply: z.array(z.object({ id, label: z.string(), firstSeenAt: time })),
  },
  invite: {
    method: 'POST',
    path: '/invitations',
    access: 'account.invite',
    tag,
    summary: 'Invite somebody; the link is shown this once',
    body: z.object({
      email,
      name: line,
      roles: z.array(role).min(1),
      agencyId: id.optional().describe('For operators: the agency it is for'),
    }),
    reply: invitation.extend({ link: z.string() }),
    status: 201,
    idempotent: true,
  },
  listInvitations: {
    method: 'GET',
    path: '/invitations',
    access: 'account.read',
    tag,
    summary: 'Invitations that are still open',
    reply: z.array(invitation),
  },
  suspend: {
    method: 'POST',
    path: '/suspensions',
    access: 'account.suspend',
    tag,
    summary:
      'Cut off an account, device, session, API key or (operators) agency: all of it ends within a second',
    body: z.object({ kind: suspensionKind, targetId: z.string().min(1).max(100), reason: text }),
    reply: suspension,
    status: 201,
  },
  listSuspensions: {
    method: 'GET',
    path: '/suspensions',
    access: 'account.suspend',
    tag,
    summary: 'What is suspended now',
    reply: z.array(suspension),
  },
  liftSuspension: {
    method: 'POST',
    path: '/suspensions/:id/lift',
    access: 'account.suspend',
    tag,
    summary: 'Let it in again; an act of its own, with its reason',
    params: idParams,
    body: z.object({ reason: text }),
    reply: suspension,
  },
})

import { changeRoles, listAccounts, listInvitations } from '../../access/accounts.ts'
import { createAgency, listAgencies } from '../../access/agencies.ts'
import {
  approvesDevices,
  chooseDeviceApproval,
  listWaitingDevices,
  settleDevice,
  type WaitingDevice,
} from '../../access/device-approvals.ts'
import { listDevices, listSessions } from '../../access/devices.ts'
import { giveInvitationCode } from '../../access/invitation-code.ts'
import { invite, takeBackInvitation } from '../../access/invitations.ts'
import { listRoleRequests, settleRoleRequest, type ListedRequest } from '../../access/role-requests.ts'
import { liftSuspension, listSuspensions, suspend } from '../../access/suspensions.ts'
import type { accountEndpoints } from '../../contract/account-endpoints.ts'
import type { Role } from '../../contract/roles.ts'
import { AppError, reasonOf } from '../../errors.ts'
import { mailInvitation } from '../../notices/send-mail.ts'
import type { AgencyTable } from '../../store/tables/collection-tables.ts'
import type { InvitationTable, SuspensionTable } from '../../store/tables/account-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Agencies, accounts, invitations, suspensions. */
export function accountRoutes(ctx: HttpContext): HandlersOf<typeof accountEndpoints> {
  return {
    createAgency: {
      first: async ({ actor, body }) =>
        agencyReply({ ...(await createAgency(ctx, actor, body)), suspended: false }),
      async again({ actor }, id) {
        const agencies = await listAgencies(ctx, actor)
        return agencyReply(agencies.find((agency) => agency.id === id)!)
      },
    },
    listAgencies: async ({ actor }) => (await listAgencies(ctx, actor)).map(agencyReply),
    async listAccounts({ actor }) {
      const accounts = await listAccounts(ctx, actor)
      return accounts.map(
        ({
          id,
          agency_id,
          agency,
          email,
          name,
          roles,
          waiting_roles,
          suspended,
          created_at,
          last_seen_at,
        }) => ({
          id,
          agencyId: agency_id,
          agency,
          email,
          name,
          roles,
          waitingRoles: waiting_roles,
          suspended,
          createdAt: created_at,
          lastSeenAt: last_seen_at,
        }),
      )
    },
    async changeRoles({ actor, params, body }) {
      if (params.id === actor.accountId) ctx.live.letFinish(actor)
      await changeRoles(ctx, actor, { accountId: params.id, roles: body.roles })
      await ctx.live.look()
    },
    listSessionsOf: async ({ actor, params }) => listSessions(ctx, actor, { accountId: params.id }),
    async listDevicesOf({ actor, params }) {
      const devices = await listDevices(ctx, actor, { accountId: params.id })
      return devices.map(({ id, label, first_seen_at, approval }) => ({
        id,
        label,
        firstSeenAt: first_seen_at,
        approval: approval === undefined ? null : (approval.outcome ?? 'waiting'),
        settledBy: approval?.settled_by ?? null,
      }))
    },
    async showDeviceApproval({ actor }) {
      const { agencyId } = actor
      return {
        required: agencyId === undefined ? null : await approvesDevices(ctx.store.lookups, agencyId),
        devices: (await listWaitingDevices(ctx, actor)).map(waitingDeviceReply),
      }
    },
    async chooseDeviceApproval({ actor, body }) {
      await chooseDeviceApproval(ctx, actor, body)
      await ctx.live.look()
    },
    approveDevice: async ({ actor, params }) =>
      settleDevice(ctx, actor, { id: params.id, outcome: 'approved' }),
    async refuseDevice({ actor, params }) {
      await settleDevice(ctx, actor, { id: params.id, outcome: 'refused' })
      await ctx.live.look()
    },
    invite: {
      async first({ actor, body: { email, name, roles, agencyId } }) {
        const byMail = ctx.mail !== undefined
        const { invitation, token } = await invite(ctx, actor, { email, name, roles, agencyId, byMail })
        const link = invitationLink(ctx.publicUrl, token)
        if (ctx.mail === undefined) return { ...invitationReply(invitation), link }
        try {
          await mailInvitation(ctx.mail, { id: invitation.id, to: invitation.email, link })
        } catch (error) {
          await takeBackInvitation(ctx, actor, invitation.id)
          const reason = `The invitation could not be e-mailed (${reasonOf(error)}); it was taken back.`
          throw new AppError('unreachable', reason, { cause: error })
        }
        return { ...invitationReply(invitation), link: null }
      },
      async again() {
        throw new AppError(
          'conflict',
          'This invitation was made, and its link is shown only once. If the link is lost, invite again.',
        )
      },
    },
    listInvitations: async ({ actor }) =>
      (await listInvitations(ctx, actor)).map((row) => ({
        ...invitationReply(row),
        mayGiveCode: row.mayGiveCode,
      })),
    giveInvitationCode: async ({ actor, params }) => ({ code: await giveInvitationCode(ctx, actor, params) }),
    listRoleRequests: async ({ actor }) => (await listRoleRequests(ctx, actor)).map(roleRequestReply),
    confirmRole: async ({ actor, params }) =>
      settleRoleRequest(ctx, actor, { id: params.id, outcome: 'confirmed' }),
    refuseRole: async ({ actor, params }) =>
      settleRoleRequest(ctx, actor, { id: params.id, outcome: 'refused' }),
    async suspend({ actor, body: { kind, targetId, reason } }) {
      const row = await suspend(ctx, actor, { kind, id: targetId, reason })
      await ctx.live.look()
      return suspensionReply(row)
    },
    listSuspensions: async ({ actor }) => (await listSuspensions(ctx, actor)).map(suspensionReply),
    liftSuspension: async ({ actor, params, body }) =>
      suspensionReply(await liftSuspension(ctx, actor, { id: params.id, reason: body.reason })),
  }
}

/** The token stands behind the #, so that no server and no log on the way sees it. */
export function invitationLink(publicUrl: URL, token: string): string {
  return new URL(`/welcome#${token}`, publicUrl).href
}

function agencyReply({ id, name, created_at, suspended }: AgencyTable & { suspended: boolean }) {
  return { id, name, createdAt: created_at, suspended }
}

function invitationReply(row: InvitationTable) {
  return {
    id: row.id,
    agencyId: row.agency_id,
    email: row.email,
    name: row.name,
    roles: JSON.parse(row.roles) as Role[],
    expiresAt: row.expires_at,
    invitedBy: row.invited_by,
    invitedAt: row.invited_at,
    needsCode: row.needs_code === 1,
  }
}

function roleRequestReply(row: ListedRequest) {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    email: row.email,
    agency: row.agency,
    role: row.role,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    mayConfirm: row.mayConfirm,
  }
}

function waitingDeviceReply(row: WaitingDevice) {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    email: row.email,
    agency: row.agency,
    label: row.label,
    address: row.address,
    askedAt: row.asked_at,
    mayApprove: row.mayApprove,
  }
}

function suspensionReply(row: SuspensionTable) {
  return {
    id: row.id,
    kind: row.kind,
    targetId: row.target_id,
    reason: row.reason,
    suspendedBy: row.suspended_by,
    suspendedAt: row.suspended_at,
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at,
  }
}

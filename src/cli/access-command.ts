import type { Command } from 'commander'
import { listInvitations } from '../access/accounts.ts'
import { listWaitingDevices, settleDevice } from '../access/device-approvals.ts'
import { giveInvitationCode } from '../access/invitation-code.ts'
import { listRoleRequests, settleRoleRequest } from '../access/role-requests.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

type Reasoned = RecordOptions & { reason: string }

/**
 * `likeness access waiting|give-code|confirm-role|approve-device`: the operator's way in for an agency that cannot help
 * itself; see [Note: second person] and [Note: device approval].
 */
export function addAccessCommand(program: Command): void {
  const command = program
    .command('access')
    .description('let in people of an agency that has nobody who could any more')
  addRecordOptions(
    command.command('waiting').description('invitations, roles and devices that wait for a second person'),
  ).action(async (options: RecordOptions) => {
    await withContext(options, async (ctx, actor) => {
      const invitations = (await listInvitations(ctx, actor)).filter(({ needs_code }) => needs_code === 1)
      const roles = await listRoleRequests(ctx, actor)
      const devices = await listWaitingDevices(ctx, actor)
      const waiting = {
        invitations: invitations.map(({ id, name, email }) => ({ id, name, email })),
        roles: roles.map(({ id, agency, name, email, role }) => ({ id, agency, name, email, role })),
        devices: devices.map((row) => {
          const { id, agency, name, email, label, address, asked_at: askedAt } = row
          return { id, agency, name, email, label, address, askedAt }
        }),
      }
      printResult(options, waiting, () => linesOf(waiting))
    })
  })
  addReason(
    command
      .command('give-code')
      .description("make the code of an agency's invitation, while nobody of the agency could")
      .argument('<invitation>'),
  ).action(async (id: string, options: Reasoned) => {
    await withContext(options, async (ctx, actor) => {
      const code = await giveInvitationCode(ctx, actor, { id, reason: options.reason })
      printResult(options, { code }, () => `Code, for the invitee alone: ${code}`)
    })
  })
  addReason(
    command
      .command('confirm-role')
      .description('confirm a role that waits, while nobody of the agency could')
      .argument('<request>'),
  ).action(async (id: string, options: Reasoned) => {
    await withContext(options, async (ctx, actor) => {
      await settleRoleRequest(ctx, actor, { id, outcome: 'confirmed', reason: options.reason })
      printResult(options, { id, confirmed: true }, () => 'Confirmed.')
    })
  })
  addReason(
    command
      .command('approve-device')
      .description('approve a device that waits in an agency that approves new devices')
      .argument('<device>'),
  ).action(async (id: string, options: Reasoned) => {
    await withContext(options, async (ctx, actor) => {
      await settleDevice(ctx, actor, { id, outcome: 'approved', reason: options.reason })
      printResult(options, { id, approved: true }, () => 'Approved.')
    })
  })
}

function addReason(command: Command): Command {
  return addRecordOptions(command).requiredOption('--reason <text>', 'why; it is kept in the audit log')
}

function linesOf(waiting: Record<string, readonly Record<string, string>[]>): string {
  const lines = Object.entries(waiting).flatMap(([kind, rows]) =>
    rows.map((row) => `${kind}  ${Object.values(row).join('  ')}`),
  )
  return lines.length === 0 ? 'Nothing waits.' : lines.join('\n')
}

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Command } from 'commander'
import { readKeptCheckpoints } from '../audit/anchors/anchor-message.ts'
import { readLastSigned } from '../audit/last-signed.ts'
import { exportLog } from '../audit/read-log.ts'
import { resumeLog, signLog } from '../audit/sign-log.ts'
import { openInstanceKey, type SigningKey } from '../audit/signing-key.ts'
import { verifyLog } from '../audit/verify-log.ts'
import { EXIT } from './exit-codes.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

interface AuditOptions extends RecordOptions {
  auditKey?: string
}

interface VerifyOptions extends AuditOptions {
  checkpoints?: string
  publicKey?: string
}

/** `likeness audit verify|export|sign|resume`. */
export function addAuditCommand(program: Command): void {
  const command = program.command('audit').description('verify, export and sign the audit log')
  addAuditOptions(
    command
      .command('verify')
      .description('walk the whole log and name every changed, removed, moved or cut-off event')
      .option('--checkpoints <path>', 'checkpoints kept elsewhere: a file of JSON lines, or a folder of them')
      .option('--public-key <file>', 'public key kept elsewhere (PEM)'),
  ).action(async (options: VerifyOptions) => {
    await withContext(options, async (ctx, actor) => {
      const { publicKey, lastSigned } = trusted(ctx.store.dataFolder, options)
      const further = options.checkpoints === undefined ? [] : readKeptCheckpoints(options.checkpoints)
      const result = await verifyLog(ctx, actor, { publicKey, further, lastSigned })
      printResult(options, result, () =>
        [
          ...result.faults.map(({ detail }) => detail),
          result.faults.length === 0
            ? `${result.events} events, unbroken; signed up to event ${result.signedUpTo}. ${result.rows} rows are what their last event wrote.`
            : `${result.faults.length} faults in ${result.events} events.`,
        ].join('\n'),
      )
      if (result.faults.length > 0) process.exitCode = EXIT.badInput
    })
  })
  addAuditOptions(
    command.command('export').description('the whole log as JSON lines, with hashes, key and checkpoints'),
  ).action(async (options: AuditOptions) => {
    await withContext(options, async (ctx, actor) => {
      const key = signingKey(ctx.store.dataFolder, options)
      for await (const line of exportLog(ctx, actor, { key })) process.stdout.write(line)
    })
  })
  addAuditOptions(command.command('sign').description('sign the log as it stands now')).action(
    async (options: AuditOptions) => {
      await withContext(options, async (ctx) => {
        const checkpoint = await signLog(ctx, signingKey(ctx.store.dataFolder, options))
        printResult(options, checkpoint ?? null, () =>
          checkpoint === undefined ? 'Nothing new to sign.' : `Signed up to event ${checkpoint.seq}.`,
        )
      })
    },
  )
  addAuditOptions(
    command
      .command('resume')
      .description('go on signing after a backup was restored or a new record was made at this place')
      .requiredOption('--reason <text>', 'why; it becomes an event of the log'),
  ).action(async (options: AuditOptions & { reason: string }) => {
    await withContext(options, async (ctx, actor) => {
      const key = signingKey(ctx.store.dataFolder, options)
      const checkpoint = await resumeLog(ctx, actor, { key, reason: options.reason })
      printResult(options, checkpoint, () => `Signed up to event ${checkpoint.seq}.`)
    })
  })
}

function addAuditOptions(command: Command): Command {
  return addRecordOptions(command).option(
    '--audit-key <file>',
    'Ed25519 key that signs the log; kept in the state folder of this user otherwise, never in the data folder',
  )
}

function signingKey(dataFolder: string, options: AuditOptions): SigningKey {
  return openInstanceKey(dataFolder, options.auditKey ?? process.env.LIKENESS_AUDIT_KEY)
}

/** What the log is verified with: the instance's key and what it signed last, or a public key that was kept elsewhere. */
function trusted(dataFolder: string, options: VerifyOptions) {
  if (options.publicKey !== undefined)
    return { publicKey: createPublicKey(readFileSync(options.publicKey)), lastSigned: undefined }
  const key = signingKey(dataFolder, options)
  return { publicKey: key.publicKey, lastSigned: readLastSigned(key) }
}

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Command } from 'commander'
import { readCheckpoints, writeCheckpoint } from '../audit/checkpoints.ts'
import { exportLog } from '../audit/read-log.ts'
import { openSigningKey, signingKeyFile } from '../audit/signing-key.ts'
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

/** `likeness audit verify|export|sign`. */
export function addAuditCommand(program: Command): void {
  const command = program.command('audit').description('verify, export and sign the audit log')
  addAuditOptions(
    command
      .command('verify')
      .description('walk the whole log and name every changed, removed, moved or cut-off event')
      .option('--checkpoints <file>', 'checkpoints kept elsewhere (audit-checkpoints.jsonl)')
      .option('--public-key <file>', 'public key kept elsewhere (PEM)'),
  ).action(async (options: VerifyOptions) => {
    await withContext(options, async (ctx, actor) => {
      const publicKey =
        options.publicKey === undefined
          ? signingKey(ctx.store.dataFolder, options).publicKey
          : createPublicKey(readFileSync(options.publicKey))
      const further = options.checkpoints === undefined ? [] : readCheckpoints(options.checkpoints)
      const result = await verifyLog(ctx, actor, { publicKey, further })
      printResult(options, result, () =>
        [
          ...result.faults.map(({ detail }) => detail),
          result.faults.length === 0
            ? `${result.events} events, unbroken; signed up to event ${result.signedUpTo}.`
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
        const checkpoint = await writeCheckpoint(ctx, signingKey(ctx.store.dataFolder, options))
        printResult(options, checkpoint ?? null, () =>
          checkpoint === undefined ? 'Nothing new to sign.' : `Signed up to event ${checkpoint.seq}.`,
        )
      })
    },
  )
}

function addAuditOptions(command: Command): Command {
  return addRecordOptions(command).option(
    '--audit-key <file>',
    'Ed25519 key that signs the log; kept in the data folder otherwise',
  )
}

function signingKey(dataFolder: string, options: AuditOptions) {
  return openSigningKey(options.auditKey ?? process.env.LIKENESS_AUDIT_KEY ?? signingKeyFile(dataFolder))
}

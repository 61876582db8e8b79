import type { Command } from 'commander'
import { findCollection } from '../collections/find-collection.ts'
import { imposeHold, liftHold } from '../collections/legal-hold.ts'
import { runRetention, type DueCollection } from '../retention/run-retention.ts'
import { warnOfRemains } from './erasure-remains.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

/** `likeness retention run|hold|lift`. */
export function addRetentionCommand(program: Command): void {
  const command = program.command('retention').description('erase what has passed its date; legal holds')
  addRecordOptions(
    command
      .command('run')
      .description('erase what stands in collections past their date and under no legal hold')
      .option('--dry-run', 'count and change nothing'),
  ).action(async (options: RecordOptions & { dryRun?: boolean }) => {
    await withContext(options, async (ctx, actor) => {
      const dryRun = options.dryRun === true
      const report = await runRetention(ctx, actor, { dryRun })
      const nothing = 'Nothing has passed its date.'
      printResult(options, report, () => {
        const lines = report.collections.map(lineOf(dryRun))
        for (const { number, retentionUntil, held, probes } of report.cases) {
          const what = held
            ? 'kept: legal hold'
            : `${dryRun ? 'would be' : 'was'} emptied of ${probes} probes`
          lines.push(`case ${number}  (until ${retentionUntil})  ${what}`)
        }
        if (report.people > 0)
          lines.push(`${report.people} records of persons ${dryRun ? 'would be erased' : 'erased'}`)
        return lines.join('\n') || nothing
      })
      warnOfRemains(report)
    })
  })
  addReason(command.command('hold').argument('<collection>')).action(
    async (collection: string, options: RecordOptions & { reason: string }) => {
      await withContext(options, async (ctx, actor) => {
        const { id: collectionId, title } = await findCollection(ctx.store.db, collection)
        const { digest: _digest, ...row } = await imposeHold(ctx, actor, {
          collectionId,
          reason: options.reason,
        })
        printResult(options, row, () => `Holds ${title}. To lift it: likeness retention lift ${row.id}`)
      })
    },
  )
  addReason(command.command('lift').argument('<hold>')).action(
    async (id: string, options: RecordOptions & { reason: string }) => {
      await withContext(options, async (ctx, actor) => {
        const { digest: _digest, ...row } = await liftHold(ctx, actor, { id, reason: options.reason })
        printResult(options, row, () => 'Lifted.')
      })
    },
  )
}

function addReason(command: Command): Command {
  return addRecordOptions(command).requiredOption('--reason <text>', 'why; it is kept')
}

function lineOf(dryRun: boolean): (due: DueCollection) => string {
  return ({ title, retentionUntil, held, media, faces, sources }) => {
    const head = `${title}  (until ${retentionUntil})`
    if (held) return `${head}  kept: legal hold`
    if (dryRun) return `${head}  would erase, or take out of it, ${media} media`
    return `${head}  erased ${media} media with ${faces} faces; took away ${sources} sources of others`
  }
}

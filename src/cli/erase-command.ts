import type { Command } from 'commander'
import { eraseMedia, type ErasureReport } from '../erasure/erase-media.ts'
import type { EraseTarget } from '../erasure/select-for-erasure.ts'
import { AppError } from '../errors.ts'
import { shortId } from '../store/ids.ts'
import { warnOfRemains } from './erasure-remains.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

interface EraseOptions extends RecordOptions {
  media?: string[]
  person?: string
  source?: string
  before?: string
  reason: string
  dryRun?: boolean
}

/** `likeness erase (--media|--person|--source|--before) --reason "…"`. */
export function addEraseCommand(program: Command): void {
  addRecordOptions(
    program
      .command('erase')
      .description('erase media with everything made of them; a tombstone remains')
      .option('--media <id...>', 'ids or SHA-256 of media')
      .option('--person <id>', 'a person, with every photo that shows them')
      .option('--source <id>', 'a source, an import or a source URL')
      .option('--before <date>', 'media whose every source came in before YYYY-MM-DD')
      .requiredOption('--reason <text>', 'why; stays in the tombstone')
      .option('--dry-run', 'count and change nothing'),
  ).action(async (options: EraseOptions) => {
    await withContext(options, async (ctx, actor) => {
      const dryRun = options.dryRun === true
      const report = await eraseMedia(ctx, actor, {
        target: targetOf(options),
        reason: options.reason,
        dryRun,
      })
      printResult(options, report, () =>
        dryRun
          ? `Would erase ${report.media} media and take away ${report.sources} sources.${archivesToo(report)} Nothing was changed.${notThere(report)}`
          : `Erased ${report.media} media with ${report.faces} faces.${archivesToo(report)} ${tombstonesOf(report)}${notThere(report)}`,
      )
      warnOfRemains(report)
    })
  })
}

/** An archive is evidence of its own: that it goes is said before and afterwards. */
function archivesToo({ archives }: ErasureReport): string {
  if (archives === 0) return ''
  return ` The bytes of ${archives === 1 ? '1 kept web archive' : `${archives} kept web archives`} go with them.`
}

function tombstonesOf({ tombstoneIds: [first, ...more] }: ErasureReport): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more, one of each step`
  return `Tombstone ${shortId(first)}${others}.`
}

/** Said of names that a call which goes on after a crash gives again, and of slips of the pen. */
function notThere({ notThere: [first, ...more] }: ErasureReport): string {
  if (first === undefined) return ''
  const others = more.length === 0 ? '' : ` nor ${more.length} more of those named`
  return ` Not in the record (erased before, or never there): ${first}${others}.`
}

function targetOf({ media, person, source, before }: EraseOptions): EraseTarget {
  const targets: EraseTarget[] = []
  if (media !== undefined) targets.push({ kind: 'media', media })
  if (person !== undefined) targets.push({ kind: 'person', person })
  if (source !== undefined) targets.push({ kind: 'source', source })
  if (before !== undefined) targets.push({ kind: 'before', before })
  if (targets.length === 1) return targets[0]
  throw new AppError(
    'bad_input',
    `Expected one of --media, --person, --source, --before; received ${targets.length}.`,
  )
}

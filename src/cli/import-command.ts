import process from 'node:process'
import type { Command } from 'commander'
import type { Actor } from '../actor/actor.ts'
import type { Tally } from '../imports/commit-target.ts'
import { previewImport } from '../imports/preview-import.ts'
import { findImport, importStatus, listImportErrors, type ImportStatus } from '../imports/import-status.ts'
import { retryItems } from '../imports/retry-items.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import type { OpenContext } from '../open-context.ts'
import { shortId } from '../store/ids.ts'
import { AppError, reasonOf } from '../errors.ts'
import { printable } from '../search/choose-probe-face.ts'
import type { VideoProgress } from '../video/read-video.ts'
import { Watcher } from '../watch/watcher.ts'
import { EXIT } from './exit-codes.ts'
import { importOnServer } from './import-on-server.ts'
import { ProgressLine } from './output/progress.ts'
import { colours, warn } from './output/terminal.ts'
import { clockText } from './output/words.ts'
import { addRecordOptions, print, printResult, withContext, type RecordOptions } from './record-options.ts'
import { addServerOptions, type ServerOptions } from './server-options.ts'

interface ImportOptions extends RecordOptions, ServerOptions {
  collection: string
  dryRun?: boolean
}

const ERRORS_A_PAGE = 1000

/** `likeness import SOURCE --collection NAME`, `import status|resume|errors`. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('take photos and videos into a collection')
    .enablePositionalOptions()
  const from = addRecordOptions(
    command
      .command('from', { isDefault: true })
      .description(
        'import a folder, file, zip or tar archive, web archive (WACZ, WARC, MHTML, saved page), or CSV or JSONL manifest',
      )
      .argument('<source>')
      .requiredOption('--collection <name>', 'collection to import into')
      .option('--dry-run', 'list what would be imported and change nothing'),
  )
  addServerOptions(from).action(async (source: string, options: ImportOptions) => {
    if (options.server === undefined) process.exitCode = await importFrom(source, options)
    else if (options.dryRun === true)
      throw new AppError('bad_input', '--dry-run works on --data: through a service nothing is previewed.')
    else process.exitCode = await importOnServer(source, options)
  })
  addRecordOptions(command.command('status').argument('[import]')).action(
    async (id: string | undefined, options: RecordOptions) => {
      await withContext(options, async (ctx, actor) => {
        const list = await importStatus(ctx, actor, { importId: id, limit: 20 })
        printResult(options, list, () => list.map(statusLine).join('\n') || 'No imports yet.')
      })
    },
  )
  addRecordOptions(
    command
      .command('resume')
      .description('go on with an import that was cut off')
      .argument('<import>')
      .option(
        '--retry',
        'also try again what failed, and what could not be read for a reason that may have passed',
      ),
  ).action(async (id: string, options: RecordOptions & { retry?: boolean }) => {
    process.exitCode = await withContext(options, async (ctx, actor) => {
      const row = await findImport(ctx.store.db, id)
      if (options.retry === true) {
        const items = await retryItems(ctx, actor, { importId: row.id })
        if (options.json !== true) print(`${items} ${items === 1 ? 'item waits' : 'items wait'} again.`)
      }
      return workThrough(ctx, actor, row.id, options)
    })
  })
  addRecordOptions(command.command('errors').argument('<import>')).action(
    async (id: string, options: RecordOptions) => {
      await withContext(options, async (ctx, actor) => {
        for (let after = -1; ;) {
          const page = await listImportErrors(ctx, actor, { importId: id, after, limit: ERRORS_A_PAGE })
          for (const error of page) {
            printResult(
              options,
              error,
              () => `${error.name ?? '(erased)'}: ${error.detail ?? ''} [${error.reason ?? ''}]`,
            )
          }
          if (page.length < ERRORS_A_PAGE) return
          after = page[page.length - 1].ordinal
        }
      })
    },
  )
}

async function importFrom(source: string, options: ImportOptions): Promise<number> {
  return withContext(options, async (ctx, actor) => {
    if (options.dryRun === true) {
      const preview = await previewImport(ctx, actor, { source, collection: options.collection })
      printResult(options, preview, () => {
        const refused = preview.refused.map(({ name, detail }) => `  ${name}: ${detail}`).join('\n')
        return `${preview.kind}: ${preview.items} items, ${preview.refusedItems} refused. Nothing was changed.${refused === '' ? '' : `\n${refused}`}`
      })
      return preview.refusedItems > 0 ? EXIT.badInput : 0
    }
    const { id, resumed } = await startImport(ctx, actor, { source, collection: options.collection })
    if (resumed && options.json !== true) print(`Going on with import ${shortId(id)}.`)
    return workThrough(ctx, actor, id, options)
  })
}

async function workThrough(
  ctx: OpenContext,
  actor: Actor,
  id: string,
  options: RecordOptions,
): Promise<number> {
  const stop = new AbortController()
  const onInterrupt = (): void => stop.abort()
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  const line = new ProgressLine('Importing')
  const watcher = new Watcher(ctx, sayUnwatched)
  watcher.loop.start()
  try {
    await listItems(ctx, id, (items) => line.show(`listed ${items}`), stop.signal)
    const [before] = await importStatus(ctx, actor, { importId: id, limit: 1 })
    const waiting = before.counts.waiting
    line.start()
    const onCommit = (tally: Tally): void => {
      const committed = tally.done + tally.duplicate + tally.no_face + tally.unreadable + tally.failed
      if (options.json === true) process.stderr.write(`${JSON.stringify({ committed, of: waiting })}\n`)
      line.update(committed, waiting, `${committed} of ${waiting}`)
    }
    const onVideo = (name: string, progress: VideoProgress): void => {
      if (options.json === true) process.stderr.write(`${JSON.stringify({ video: name, ...progress })}\n`)
      else line.show(videoText(name, progress))
    }
    const { tally } = await runImport(ctx, actor, { importId: id, signal: stop.signal, onCommit, onVideo })
    line.end()
    await watcher.stop({ isFinishing: !stop.signal.aborted }).catch(sayUnwatched)
    const [status] = await importStatus(ctx, actor, { importId: id, limit: 1 })
    const cutOff = stop.signal.aborted && status.counts.waiting > 0
    printResult(options, { ...status, thisRun: tally }, () => summary(status, tally, cutOff))
    const isIncomplete = status.counts.unreadable + status.counts.failed + status.differing > 0
    return isIncomplete || cutOff ? EXIT.badInput : 0
  } finally {
    line.end()
    await watcher.stop()
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

/** What was imported stays imported, and nothing is missed: matching goes on from where it was. */
function sayUnwatched(error: unknown): void {
  warn(`Standing searches wait: ${reasonOf(error)} \`likeness watch\` or the service goes on.`)
}

/** Where a video is, and what was seen of it. */
function videoText(name: string, { timeS, durationS, frames, faces }: VideoProgress): string {
  const of = durationS === undefined ? '' : ` of ${clockText(durationS)}`
  return `${printable(name)}: ${clockText(timeS)}${of}, ${frames} frames, ${faces} faces`
}

/** @param cutOff whether this process was told to stop; otherwise what waits is with other processes */
function summary(status: ImportStatus, tally: Tally, cutOff: boolean): string {
  const { counts } = status
  const skipped = counts.unreadable + counts.failed
  const lines = [
    `Import ${shortId(status.id)} into ${status.collection}: ${counts.done} with faces, ${counts.no_face} without, ${counts.duplicate} held already, ${skipped} not taken.`,
    `Faces found in this run: ${tally.faces}. Near duplicates linked: ${tally.nearDuplicates}.`,
    ...status.archives.flatMap(archiveLines),
  ]
  if (status.differing > 0)
    lines.push(
      colours.red(
        `${status.differing} ${status.differing === 1 ? 'file is' : 'files are'} not what the archive or tool says: the hash differs. They were taken in and are marked.`,
      ),
    )
  if (status.remarked > 0)
    lines.push(
      colours.yellow(
        `${status.remarked} ${status.remarked === 1 ? 'file was' : 'files were'} taken in and not read whole (cut short, more pictures in the file, or a raw's preview); they are marked.`,
      ),
    )
  if (skipped + status.differing + status.remarked > 0)
    lines.push(colours.yellow(`Why, file by file: likeness import errors ${shortId(status.id)}`))
  if (cutOff) lines.push(`${counts.waiting} wait: likeness import resume ${shortId(status.id)}`)
  else if (counts.waiting > 0) lines.push(`${counts.waiting} are still with other processes.`)
  return lines.join('\n')
}

/** Each verdict in its own word; see `Verdict`. */
function archiveLines({
  name,
  kind,
  pages,
  records,
  packageVerdict,
  signatureVerdict,
  problems,
}: ImportStatus['archives'][number]): string[] {
  const isBad = packageVerdict === 'invalid' || signatureVerdict === 'invalid'
  const line = `${printable(name)} (${kind}): ${pages} ${pages === 1 ? 'page' : 'pages'}, ${records} records; hashes ${packageVerdict}, signature ${signatureVerdict}.`
  return [
    isBad ? colours.red(line) : line,
    ...problems.slice(0, 10).map((problem) => `  ${printable(problem)}`),
  ]
}

function statusLine({ id, collection, counts, finishedAt, listed, location }: ImportStatus): string {
  const state =
    finishedAt !== null ? 'finished' : listed ? `${counts.waiting} waiting` : 'not listed to the end'
  const skipped = counts.unreadable + counts.failed
  return `${shortId(id)}  ${collection}  ${location}  ${state}; ${counts.done} done, ${counts.no_face} without face, ${counts.duplicate} duplicates, ${skipped} not taken`
}

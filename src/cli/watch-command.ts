import type { Command } from 'commander'
import { once } from 'node:events'
import process from 'node:process'
import { reasonOf } from '../errors.ts'
import { keepDates } from '../watch/keep-dates.ts'
import { Watcher } from '../watch/watcher.ts'
import { warn } from './output/terminal.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

/** `likeness watch`: matching for standing searches without the service. */
export function addWatchCommand(program: Command): void {
  addRecordOptions(
    program
      .command('watch')
      .description('compare what was enrolled since with all standing searches and raise alerts')
      .option('--follow', 'go on until told to stop, instead of ending when everything is compared'),
  ).action(async (options: RecordOptions & { follow?: boolean }) => {
    await withContext(options, async (ctx) => {
      const watcher = new Watcher(ctx, (error) => warn(`likeness: ${reasonOf(error)}`))
      const count = async (): Promise<number> => {
        const { alerts } = await ctx.store.db
          .selectFrom('alert')
          .select(({ fn }) => fn.countAll<number>().as('alerts'))
          .executeTakeFirstOrThrow()
        return alerts
      }
      const before = await count()
      if (options.follow === true) {
        watcher.loop.start()
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
      }
      await keepDates(ctx, Date.now())
      const isMine = options.follow === true || (await watcher.drain())
      await watcher.stop()
      const alerts = await count()
      printResult(options, { raised: alerts - before, alerts }, () =>
        !isMine
          ? 'Another process, a service perhaps, is matching for this record.'
          : alerts === before
            ? 'Everything is compared. No new alert.'
            : `Everything is compared. New alerts: ${alerts - before}.`,
      )
    })
  })
}

import process from 'node:process'
import type { Command } from 'commander'
import { reEnrol } from '../enrolment/re-enrol.ts'
import { EXIT } from './exit-codes.ts'
import { ProgressLine } from './output/progress.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'
import { startEngine } from './start-engine.ts'

/** `likeness re-enrol --pack ID`. */
export function addReEnrolCommand(program: Command): void {
  addRecordOptions(
    program
      .command('re-enrol')
      .description('compute templates of another model pack beside the old, and switch when complete')
      .requiredOption('--pack <id>', 'id of an installed model pack'),
  ).action(async (options: RecordOptions & { pack: string }) => {
    await withContext(options, async (ctx, actor) => {
      const engine = await startEngine(options.pack)
      const line = new ProgressLine('Describing faces')
      try {
        const onProgress = (done: number, of: number): void => line.update(done, of, `${done} of ${of} faces`)
        const report = await reEnrol(ctx, actor, { engine, onProgress })
        line.end()
        printResult(options, report, () =>
          report.switched
            ? `Wrote ${report.written} templates; ${report.pack} is now searched.`
            : `Wrote ${report.written} templates; ${report.failed.length} faces could not be described, so the old pack stays. Run it again to go on.`,
        )
        if (!report.switched) process.exitCode = EXIT.badInput
      } finally {
        await engine.close()
      }
    })
  })
}
